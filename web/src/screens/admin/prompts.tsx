import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Flex, Form, Input, Popconfirm, Select, Tag, Upload } from 'antd';
import { useRef, useState } from 'react';
import { api, type Problem, problemOf, take } from '../../api/client';
import { FormModal } from '../../parts/formmodal';
import { Page } from '../../parts/page';
import { Paged } from '../../parts/paged';
import { record } from './wav';
import { useWords } from './words';

const languages = ['zh', 'en', 'any'];

type Source = 'shipped' | 'own';

// upload puts a sound under a name; the server brings it to the telephone's form.
async function upload(language: string, name: string, sound: Blob, text: string) {
  const path = `/api/v1/prompts/${encodeURIComponent(language)}/${encodeURIComponent(name)}?text=${encodeURIComponent(text)}`;
  const answer = await fetch(path, { method: 'PUT', body: sound });
  if (!answer.ok) throw await problemOf(answer);
}

// speak is the sound of a text by the node's text-to-speech; the error says what to do where there is none.
async function speak(language: string, text: string): Promise<Blob> {
  const answer = await fetch('/api/v1/prompts/speech', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ language, text }),
  });
  if (!answer.ok) throw await problemOf(answer);
  return answer.blob();
}

function NewPrompt({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const t = useWords();
  const [form] = Form.useForm<{ language: string; name: string; text?: string }>();
  const [speaking, setSpeaking] = useState(false);
  const [sound, setSound] = useState<Blob>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [recording, setRecording] = useState(false);
  const recorder = useRef<{ stop: () => Promise<Blob> }>(undefined);
  const turn = async () => {
    setError('');
    try {
      if (recorder.current) {
        const { stop } = recorder.current;
        recorder.current = undefined;
        setRecording(false);
        setSound(await stop());
      } else {
        recorder.current = await record();
        setRecording(true);
      }
    } catch (err) {
      setError(`${t('prompt.noMicrophone')} ${(err as Error).message}`);
    }
  };
  const say = async () => {
    const { language, text } = form.getFieldsValue();
    setSpeaking(true);
    setError('');
    try {
      setSound(await speak(language, text ?? ''));
    } catch (err) {
      const p = err as Problem;
      setError(p.status === 503 && p.message.includes('hotline.yml') ? t('prompt.noSpeech') : p.message);
    } finally {
      setSpeaking(false);
    }
  };
  const save = async ({ language, name, text }: { language: string; name: string; text?: string }) => {
    if (!sound) {
      setError(t('prompt.needSound'));
      return;
    }
    setBusy(true);
    setError('');
    try {
      await upload(language, name, sound, text?.trim() ?? '');
      onDone();
    } catch (err) {
      setError((err as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <FormModal
      form={form}
      title={t('prompt.new')}
      busy={busy}
      ok={{ disabled: recording }}
      onFinish={save}
      onCancel={onClose}
      initialValues={{ language: 'zh' }}
      requiredMark={false}
    >
      <div className="fields">
        <Form.Item
          name="name"
          label={t('prompt.name')}
          extra={t('prompt.name_hint')}
          rules={[{ required: true, message: t('common.needed') }]}
        >
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="language" label={t('prompt.language')}>
          <Select options={languages.map((value) => ({ value, label: t(`prompt.${value}`) }))} />
        </Form.Item>
      </div>
      <Form.Item name="text" label={t('prompt.text')} extra={t('prompt.text_hint')}>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={1000} />
      </Form.Item>
      <Flex gap={8} align="center" wrap>
        <Button loading={speaking} onClick={say}>
          {t('prompt.speak')}
        </Button>
        <Upload
          accept=".wav,.mp3,audio/wav,audio/mpeg"
          maxCount={1}
          showUploadList={false}
          beforeUpload={(file) => {
            setSound(file);
            return false;
          }}
        >
          <Button>{t('prompt.choose')}</Button>
        </Upload>
        <Button danger={recording} onClick={turn}>
          {recording ? t('prompt.stop') : t('prompt.record')}
        </Button>
        {/* biome-ignore lint/a11y/useMediaCaption: what somebody has just spoken has no captions */}
        {sound ? <audio controls src={URL.createObjectURL(sound)} style={{ height: 32 }} /> : null}
      </Flex>
      {error ? (
        <p role="alert" className="diff-gone" style={{ marginTop: 8 }}>
          {error}
        </p>
      ) : null}
    </FormModal>
  );
}

// Prompts are the sounds that flows and queues play: listen, upload, record, remove.
export default function Prompts() {
  const t = useWords();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [adding, setAdding] = useState(false);
  const [heard, setHeard] = useState('');
  const [language, setLanguage] = useState<string>();
  const [source, setSource] = useState<Source>();
  const fresh = () => client.invalidateQueries({ queryKey: ['prompts'] });
  const remove = async (language: string, name: string) => {
    try {
      await api.DELETE('/api/v1/prompts/{language}/{name}', { params: { path: { language, name } } });
      await fresh();
    } catch (err) {
      message.error((err as Error).message);
    }
  };
  // user is who plays a prompt, of the server's "flow hotline": the word for its kind, and its id.
  const user = (who: string) => {
    const [kind = '', ...id] = who.split(' ');
    return [t(`kind.${kind as 'flow' | 'queue' | 'person'}`), ...id].join(' ');
  };
  return (
    <Page title={t('prompt.title')}>
      <Paged
        name={['prompts', language, source]}
        load={async ({ sort, ...asked }) => {
          const query = { ...asked, sort: sort as 'name' | undefined, language, source };
          const { prompts, total } = await take(api.GET('/api/v1/prompts', { params: { query } }));
          return { rows: prompts ?? [], total };
        }}
        filtered={Boolean(language || source)}
        rowKey={(p) => `${p.language}/${p.name}`}
        none={t('prompt.none')}
        beside={
          <>
            <Select
              allowClear
              style={{ width: 150 }}
              placeholder={t('prompt.language')}
              aria-label={t('prompt.language')}
              options={languages.map((value) => ({ value, label: t(`prompt.${value}`) }))}
              onChange={setLanguage}
            />
            <Select<Source>
              allowClear
              style={{ width: 120 }}
              placeholder={t('prompt.source')}
              aria-label={t('prompt.source')}
              options={(['shipped', 'own'] as const).map((value) => ({ value, label: t(`prompt.${value}`) }))}
              onChange={setSource}
            />
          </>
        }
        actions={
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('prompt.new')}
          </Button>
        }
        columns={[
          { title: t('prompt.name'), dataIndex: 'name', key: 'name', className: 'keep', width: 170, sorter: true },
          {
            title: t('prompt.language'),
            key: 'language',
            className: 'keep',
            sorter: true,
            render: (_, p) => t(`prompt.${p.language}`, { defaultValue: p.language }),
          },
          {
            title: t('prompt.length'),
            key: 'length',
            sorter: true,
            className: 'num',
            align: 'right',
            render: (_, p) => t('span.s', { n: (p.length / 1e9).toFixed(1) }),
          },
          {
            title: t('prompt.source'),
            render: (_, p) => <Tag color={p.shipped ? 'default' : 'blue'}>{p.shipped ? t('prompt.shipped') : t('prompt.own')}</Tag>,
          },
          { title: t('prompt.text'), dataIndex: 'text', ellipsis: true, width: '26%' },
          { title: t('prompt.usedBy'), render: (_, p) => (p.usedBy ?? []).map(user).join(' · ') || '–' },
          {
            title: t('prompt.listen'),
            render: (_, p) => {
              const at = `${encodeURIComponent(p.language)}/${encodeURIComponent(p.name)}`;
              return heard === at ? (
                // biome-ignore lint/a11y/useMediaCaption: prompts have no captions
                <audio controls autoPlay src={`/api/v1/prompts/${at}/audio`} style={{ height: 28 }} />
              ) : (
                <Button size="small" onClick={() => setHeard(at)} aria-label={`${t('prompt.listen')} ${p.name}`}>
                  {t('prompt.listen')}
                </Button>
              );
            },
          },
          {
            title: t('common.actions'),
            render: (_, p) =>
              p.shipped ? null : (
                <Popconfirm title={t('prompt.removeSure')} onConfirm={() => remove(p.language, p.name)}>
                  <Button size="small" danger type="text">
                    {t('common.remove')}
                  </Button>
                </Popconfirm>
              ),
          },
        ]}
      />
      {adding ? (
        <NewPrompt
          onClose={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            void fresh();
          }}
        />
      ) : null}
    </Page>
  );
}
