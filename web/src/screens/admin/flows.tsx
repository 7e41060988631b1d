import { Button, Drawer, Flex, Input, Popconfirm, Upload } from 'antd';
import { useState } from 'react';
import { Page } from '../../parts/page';
import { type Kept, useItems } from './config';
import { Findings, useSaving } from './editor';
import { keyOf, useOptions } from './fields';
import { Items } from './list';
import { useWords } from './words';

const fresh =
  'flow: new\nlanguage: zh\nstart: welcome\nnodes:\n  welcome: {type: play, prompts: [welcome], next: bye}\n  bye: {type: hangup, prompts: [goodbye]}\n';

// save lets the browser keep a text as a file.
function download(name: string, text: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function OneFlow({ kept, onClose }: { kept: Kept | null; onClose: () => void }) {
  const t = useWords();
  const [text, setText] = useState(String(kept?.item.source ?? fresh));
  const [note, setNote] = useState('');
  const { save, findings, warnings, busy } = useSaving();
  const file = kept?.id ?? `${keyOf('flow', '', { source: text }) || 'new'}.yml`;
  const publish = async (check: boolean) => {
    const item = { file, source: text };
    if ((await save([{ kind: 'flow', id: kept?.id, revision: kept?.revision, item }], note, check)) && !check) onClose();
  };
  const remove = async () => {
    if (kept && (await save([{ kind: 'flow', id: kept.id, revision: kept.revision }], note))) onClose();
  };
  return (
    <Drawer
      open
      size={900}
      title={file}
      onClose={onClose}
      extra={
        <Flex gap={8}>
          <Upload
            accept=".yml,.yaml"
            showUploadList={false}
            beforeUpload={(f) => {
              void f.text().then(setText);
              return false;
            }}
          >
            <Button>{t('flow.import')}</Button>
          </Upload>
          <Button onClick={() => download(file, text)}>{t('flow.export')}</Button>
          {kept ? (
            <Popconfirm title={t('common.removeSure')} onConfirm={remove}>
              <Button danger type="text">
                {t('common.remove')}
              </Button>
            </Popconfirm>
          ) : null}
        </Flex>
      }
      footer={
        <Flex gap={8}>
          <Input
            value={note}
            maxLength={500}
            placeholder={t('common.note')}
            aria-label={t('common.note')}
            onChange={(e) => setNote(e.target.value)}
          />
          <Button loading={busy} onClick={() => publish(true)}>
            {t('common.check')}
          </Button>
          <Button type="primary" loading={busy} onClick={() => publish(false)}>
            {t('common.publish')}
          </Button>
        </Flex>
      }
    >
      <Flex vertical gap={12}>
        <Findings all={findings} />
        <Findings all={warnings} warning />
        <Flex className="code">
          <pre aria-hidden className="quiet">
            {text
              .split('\n')
              .map((_, i) => i + 1)
              .join('\n')}
          </pre>
          <textarea
            value={text}
            wrap="off"
            spellCheck={false}
            rows={text.split('\n').length + 1}
            aria-label={t('flow.source')}
            onChange={(e) => setText(e.target.value)}
          />
        </Flex>
      </Flex>
    </Drawer>
  );
}

// Flows are what callers hear and press, as text: checked like a file, published as a version.
export default function Flows() {
  const t = useWords();
  const [open, setOpen] = useState<Kept | null>();
  const numbers = useItems('number');
  const flows = useOptions('flow');
  const dialled = (id: string) => (numbers.data?.items ?? []).filter((n) => n.item.flow === id).map((n) => String(n.item.number));
  return (
    <Page title={t('flow.title')} extra={<span className="quiet">{t('flow.count', { n: flows.length })}</span>}>
      <Items
        kind="flow"
        onOpen={setOpen}
        onAdd={() => setOpen(null)}
        columns={[
          { name: 'file', title: t('flow.file') },
          { name: 'flow', title: t('flow.id'), unsorted: true, render: (f, kept) => keyOf('flow', kept.id, f) },
          {
            name: 'numbers',
            title: t('flow.numbers'),
            unsorted: true,
            render: (f, kept) => dialled(keyOf('flow', kept.id, f)).join(', ') || '–',
          },
          { name: 'lines', title: t('flow.lines'), unsorted: true, render: (f) => String(f.source ?? '').split('\n').length },
          { name: 'by', title: t('version.by'), unsorted: true, render: (_, kept) => kept.updatedBy },
        ]}
      />
      {open !== undefined ? <OneFlow key={open?.id ?? ''} kept={open} onClose={() => setOpen(undefined)} /> : null}
    </Page>
  );
}
