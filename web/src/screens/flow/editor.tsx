import { ArrowLeftOutlined, PlusOutlined, RedoOutlined, UndoOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Dropdown, Flex, Form, Input, Popconfirm, Segmented, Select, Spin, Tabs, Tag, Tooltip, Upload } from 'antd';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { api, type Finding, Problem, take } from '../../api/client';
import { Page } from '../../parts/page';
import { type Change, type Kept, useItems, usePublish } from '../admin/config';
import { Findings, useSaving } from '../admin/editor';
import { useWords } from '../admin/words';
import { Canvas, type Mark } from './canvas';
import { AboutFlow, Keys, Target } from './fields';
import './flow.css';
import { addStep, change, dropStep, type Flow, freeName, head, type NodeKind, place, put, read, rename, stepAt } from './model';
import { Tryout } from './tryout';
import { useHistory } from './undo';
import { useFlowWords } from './words';

const fresh =
  'flow: new\nlanguage: zh\nstart: welcome\nnodes:\n  welcome: {type: play, prompts: [welcome], next: bye}\n  bye: {type: hangup, prompts: [goodbye]}\n';

// groups are the types of nodes as the menu offers them; types that the server knows besides come under other.
const groups: Record<string, string[]> = {
  talk: ['play', 'menu', 'collect', 'answer', 'ring', 'early', 'record', 'echo'],
  decide: ['hours', 'caller', 'region', 'branch', 'lookup', 'set', 'topic'],
  people: ['queue', 'callback', 'dial', 'voicemail', 'survey', 'hangup', 'flow'],
};

function download(name: string, text: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// useCheck asks the server what it thinks of the text, a moment after it was last changed.
function useCheck(changes: Change[], text: string) {
  const publish = usePublish();
  const [told, setTold] = useState<{ text: string; errors: Finding[]; warnings: Finding[] }>({ text: '', errors: [], warnings: [] });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the changes are made of the text
  useEffect(() => {
    let late = false;
    const timer = setTimeout(async () => {
      let [errors, warnings]: [Finding[], Finding[]] = [[], []];
      try {
        warnings = (await publish(changes, '', true)).warnings ?? [];
      } catch (err) {
        errors = err instanceof Problem && err.findings.length > 0 ? err.findings : [{ text: (err as Error).message }];
      }
      if (!late) setTold({ text, errors, warnings });
    }, 500);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [text]);
  return { ...told, checking: told.text !== text };
}

// Adding is the menu of all types of nodes.
function Adding({ kinds, onAdd }: { kinds: NodeKind[]; onAdd: (type: string) => void }) {
  const t = useFlowWords();
  const known = Object.values(groups).flat();
  const all = { ...groups, other: kinds.map((k) => k.name).filter((k) => !known.includes(k)) };
  const items = Object.entries(all)
    .map(([group, types]) => ({
      key: group,
      type: 'group' as const,
      label: t(`group.${group}`),
      children: types.filter((n) => kinds.some((k) => k.name === n)).map((n) => ({ key: n, label: t(`kind.${n}`, { defaultValue: n }) })),
    }))
    .filter((g) => g.children.length > 0);
  return (
    <Dropdown trigger={['click']} menu={{ items, onClick: (e) => onAdd(e.key), style: { maxHeight: 420, overflow: 'auto' } }}>
      <Button icon={<PlusOutlined />}>{t('edit.add')}</Button>
    </Dropdown>
  );
}

interface FormProps {
  flow: Flow;
  kinds: NodeKind[];
  edit: (e: Parameters<typeof change>[1]) => void;
}

// Head is the form of what stands above the nodes.
function Head({ flow, edit }: FormProps) {
  const t = useFlowWords();
  const words = useWords();
  const text = (key: string, value: string, label: string) => (
    <Form.Item label={label}>
      <Input
        key={value}
        defaultValue={value}
        aria-label={label}
        onBlur={(e) => e.target.value !== value && edit((d) => head(d, key, e.target.value.trim()))}
      />
    </Form.Item>
  );
  return (
    <Form layout="vertical" component="div" className="flow-form">
      <p className="quiet">{t('edit.chooseNode')}</p>
      {text('flow', flow.id, t('edit.flow'))}
      {text('version', flow.version, t('edit.version'))}
      <Form.Item label={t('edit.language')}>
        <Select
          aria-label={t('edit.language')}
          value={flow.language || 'zh'}
          options={['zh', 'en'].map((v) => ({ value: v, label: words(`language.${v}`) }))}
          onChange={(v) => edit((d) => head(d, 'language', v))}
        />
      </Form.Item>
      <Form.Item label={t('edit.start')}>
        <Target value={flow.start} label={t('edit.start')} onChange={(v) => edit((d) => head(d, 'start', String(v ?? '')))} />
      </Form.Item>
      <Form.Item label={t('edit.person')}>
        <Target value={flow.person} label={t('edit.person')} onChange={(v) => edit((d) => head(d, 'person', String(v ?? '')))} />
      </Form.Item>
      <p className="quiet">{t('edit.keys')}</p>
    </Form>
  );
}

// OneStep is the form of a node.
function OneStep({
  flow,
  kinds,
  edit,
  name,
  findings,
  onName,
}: FormProps & { name: string; findings: Finding[]; onName: (n?: string) => void }) {
  const t = useFlowWords();
  const [taken, setTaken] = useState(false);
  const step = flow.steps.find((s) => s.name === name);
  if (!step) return null;
  const keys = kinds.find((k) => k.name === step.type)?.keys ?? [];
  const called = (to: string) => {
    if (to === name) return;
    const wrong = !/^[a-z0-9-]{1,64}$/.test(to) || to === 'hangup' || to === 'return' || flow.steps.some((s) => s.name === to);
    setTaken(wrong);
    if (wrong) return;
    edit((d) => rename(d, flow, name, to));
    onName(to);
  };
  return (
    <Form layout="vertical" component="div" className="flow-form">
      <Findings all={findings} />
      <Form.Item
        label={t('edit.name')}
        extra={taken ? undefined : t('edit.nameHint')}
        validateStatus={taken ? 'error' : undefined}
        help={taken ? t('edit.nameTaken') : undefined}
      >
        <Input
          key={name}
          defaultValue={name}
          aria-label={t('edit.name')}
          onBlur={(e) => called(e.target.value.trim())}
          onPressEnter={(e) => called(e.currentTarget.value.trim())}
        />
      </Form.Item>
      <Form.Item label={t('edit.type')}>
        <Select
          showSearch
          optionFilterProp="label"
          value={step.type || undefined}
          aria-label={t('edit.type')}
          options={kinds.map((k) => ({ value: k.name, label: `${t(`kind.${k.name}`, { defaultValue: k.name })} · ${k.name}` }))}
          onChange={(v: string) => edit((d) => put(d, name, ['type'], v))}
        />
      </Form.Item>
      <Keys keys={keys} values={step.values} put={(path, value) => edit((d) => put(d, name, path, value))} />
      <Flex gap={8}>
        {flow.start === name ? null : <Button onClick={() => edit((d) => head(d, 'start', name))}>{t('edit.makeStart')}</Button>}
        <Button
          danger
          onClick={() => {
            edit((d) => dropStep(d, flow, name));
            onName(undefined);
          }}
        >
          {t('edit.remove')}
        </Button>
      </Flex>
    </Form>
  );
}

// Source is the flow as its text.
function Source({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const t = useWords();
  const lines = text.split('\n');
  return (
    <Flex className="code">
      <pre aria-hidden className="quiet">
        {lines.map((_, i) => i + 1).join('\n')}
      </pre>
      <textarea
        value={text}
        wrap="off"
        spellCheck={false}
        rows={lines.length + 1}
        aria-label={t('flow.source')}
        onChange={(e) => onChange(e.target.value)}
      />
    </Flex>
  );
}

function Editing({ kept, kinds, sayings }: { kept?: Kept; kinds: NodeKind[]; sayings: string[] }) {
  const words = useWords();
  const t = useFlowWords();
  const go = useNavigate();
  const published = String(kept?.item.source ?? fresh);
  const history = useHistory(`hotline.flow.${kept?.id ?? 'new'}`, published, kept?.revision ?? 0);
  const { text, write } = history;
  const flow = useMemo(() => read(text, kinds), [text, kinds]);
  const [view, setView] = useState<'graph' | 'text'>('graph');
  const [side, setSide] = useState('node');
  const [chosen, setChosen] = useState<string>();
  const [note, setNote] = useState('');
  const [at, setAt] = useState<{ node?: string; passed: Set<string> }>({ passed: new Set() });
  const { save, findings: refused, busy } = useSaving();
  const file = kept?.id ?? `${flow.id || 'new'}.yml`;
  const changes: Change[] = useMemo(
    () => [{ kind: 'flow', id: kept?.id, revision: kept ? history.revision : undefined, item: { file, source: text } }],
    [kept, history.revision, file, text],
  );
  const check = useCheck(changes, text);
  const edit = (e: Parameters<typeof change>[1]) => write(change(text, e));
  const onAt = useCallback((node: string | undefined, passed: Set<string>) => setAt({ node, passed }), []);
  const mine = (f: Finding) => f.kind === 'flow' && f.id === file && f.line;
  const nodeOf = (f: Finding) => (mine(f) ? stepAt(flow, f.line ?? 0)?.name : undefined);
  const marks = new Map<string, Mark>();
  if (!check.checking) {
    for (const f of check.warnings) marks.set(nodeOf(f) ?? '', 'warning');
    for (const f of check.errors) marks.set(nodeOf(f) ?? '', 'error');
  }
  const all = [...check.errors, ...check.warnings];
  const publish = async () => {
    if (!(await save(changes, note))) return;
    setNote('');
    history.settle();
    if (!kept) go(`/config/flows/edit?file=${encodeURIComponent(file)}`, { replace: true });
  };
  const add = (type: string) => {
    const name = freeName(flow, type);
    const low = flow.steps.reduce((y, s) => Math.max(y, s.at?.y ?? 0), 0);
    edit((d) => addStep(d, name, type, { x: 0, y: low + 160 }));
    setChosen(name);
    setSide('node');
  };
  const step = chosen && flow.steps.some((s) => s.name === chosen) ? chosen : undefined;
  return (
    <Page
      title={file}
      extra={
        <Flex gap={8} wrap>
          <Link to="/config/flows">
            <Button icon={<ArrowLeftOutlined />}>{t('edit.back')}</Button>
          </Link>
          {kept ? (
            <Link to={`/config/versions?kind=flow&id=${encodeURIComponent(kept.id)}`}>
              <Button>{t('edit.versions')}</Button>
            </Link>
          ) : null}
          <Upload
            accept=".yml,.yaml,.json"
            showUploadList={false}
            beforeUpload={(f) => {
              void f.text().then(write);
              return false;
            }}
          >
            <Button>{words('flow.import')}</Button>
          </Upload>
          <Button onClick={() => download(file, text)}>{words('flow.export')}</Button>
        </Flex>
      }
    >
      <AboutFlow.Provider value={{ steps: flow.steps.map((s) => s.name), sayings }}>
        <Flex gap={8} align="center" style={{ marginBottom: 8 }} wrap>
          <Segmented
            value={view}
            options={[
              { value: 'graph', label: t('edit.graph') },
              { value: 'text', label: t('edit.text') },
            ]}
            onChange={(v) => setView(v as 'graph' | 'text')}
          />
          <Adding kinds={kinds} onAdd={add} />
          <Button onClick={() => edit((d) => place(d, null))}>{t('edit.arrange')}</Button>
          <Tooltip title={t('edit.undo')}>
            <Button icon={<UndoOutlined />} disabled={!history.canUndo} onClick={history.undo} aria-label={t('edit.undo')} />
          </Tooltip>
          <Tooltip title={t('edit.redo')}>
            <Button icon={<RedoOutlined />} disabled={!history.canRedo} onClick={history.redo} aria-label={t('edit.redo')} />
          </Tooltip>
          <Tag color={check.checking ? 'default' : check.errors.length > 0 ? 'red' : check.warnings.length > 0 ? 'orange' : 'green'}>
            {check.checking
              ? t('edit.checking')
              : check.errors.length > 0
                ? t('edit.findings', { n: check.errors.length })
                : check.warnings.length > 0
                  ? t('edit.warnings', { n: check.warnings.length })
                  : t('edit.fine')}
          </Tag>
          {text !== published ? (
            <>
              <Tag color="blue">{t('edit.draft')}</Tag>
              {kept ? (
                <Popconfirm title={t('edit.discardSure')} onConfirm={history.discard}>
                  <Button type="text">{t('edit.discard')}</Button>
                </Popconfirm>
              ) : null}
            </>
          ) : null}
          <Input
            style={{ flex: '1 1 200px', maxWidth: 320, marginInlineStart: 'auto' }}
            value={note}
            maxLength={500}
            placeholder={words('common.note')}
            aria-label={words('common.note')}
            onChange={(e) => setNote(e.target.value)}
          />
          <Button type="primary" loading={busy} disabled={kept !== undefined && text === published} onClick={publish}>
            {words('common.publish')}
          </Button>
        </Flex>
        {refused.length > 0 && !check.checking && check.errors.length === 0 ? <Findings all={refused} /> : null}
        <div className="flow">
          <div className="flow-main">
            {view === 'text' ? (
              <Source text={text} onChange={write} />
            ) : flow.broken ? (
              <Alert type="error" showIcon title={t('edit.broken', flow.broken)} style={{ margin: 12 }} />
            ) : (
              <Canvas
                flow={flow}
                chosen={step}
                marks={marks}
                current={at.node}
                passed={at.passed}
                onChoose={(name) => {
                  setChosen(name);
                  if (name) setSide('node');
                }}
                onConnect={(from, path, to) => edit((d) => put(d, from, path, to))}
                onLoose={(from, path) => edit((d) => put(d, from, path, undefined))}
                onRemove={(names) => {
                  write(names.reduce((now, name) => change(now, (d) => dropStep(d, read(now, kinds), name)), text));
                  setChosen(undefined);
                }}
                onPlace={(places) => edit((d) => place(d, places))}
              />
            )}
          </div>
          <aside className="flow-side">
            <Tabs
              activeKey={side}
              onChange={setSide}
              items={[
                {
                  key: 'node',
                  label: step ? t('edit.node') : t('edit.flow'),
                  children: step ? (
                    <OneStep
                      key={step}
                      flow={flow}
                      kinds={kinds}
                      edit={edit}
                      name={step}
                      findings={check.checking ? [] : check.errors.filter((f) => nodeOf(f) === step)}
                      onName={setChosen}
                    />
                  ) : (
                    <Head flow={flow} kinds={kinds} edit={edit} />
                  ),
                },
                { key: 'try', label: t('try.title'), children: <Tryout flow={flow.id} changes={changes} onAt={onAt} /> },
                {
                  key: 'findings',
                  label: `${words('common.check')}${all.length > 0 ? ` (${all.length})` : ''}`,
                  children: <Told errors={check.errors} warnings={check.warnings} nodeOf={nodeOf} onChoose={setChosen} />,
                },
              ]}
            />
          </aside>
        </div>
      </AboutFlow.Provider>
    </Page>
  );
}

// Told lists what the check finds; a click chooses the node it is about.
function Told({
  errors,
  warnings,
  nodeOf,
  onChoose,
}: {
  errors: Finding[];
  warnings: Finding[];
  nodeOf: (f: Finding) => string | undefined;
  onChoose: (name: string) => void;
}) {
  const t = useFlowWords();
  if (errors.length + warnings.length === 0) return <p className="quiet">{t('edit.fine')}</p>;
  const line = (f: Finding, i: number, type: 'error' | 'warning') => {
    const node = nodeOf(f);
    return (
      <Alert
        key={type + i}
        type={type}
        style={{ marginBottom: 6 }}
        title={
          <>
            {node ? (
              <Button type="link" size="small" style={{ padding: 0 }} onClick={() => onChoose(node)}>
                {node}
              </Button>
            ) : null}{' '}
            {f.line ? <span className="quiet">:{f.line}</span> : null} {f.text}
          </>
        }
      />
    );
  };
  return (
    <>
      {errors.map((f, i) => line(f, i, 'error'))}
      {warnings.map((f, i) => line(f, i, 'warning'))}
    </>
  );
}

// FlowEditor edits one flow as a graph or as text, and leads a call through it.
export default function FlowEditor() {
  const file = useSearchParams()[0].get('file'); // no part of the path: a name with a dot is asked of the server
  const flows = useItems('flow');
  const nodes = useQuery({
    queryKey: ['flow-nodes'],
    queryFn: () => take(api.GET('/api/v1/config/flow-nodes')),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!flows.data || !nodes.data) return <Spin style={{ margin: 48 }} />;
  const kept = flows.data.items.find((f) => f.id === file);
  return <Editing key={kept?.id ?? 'new'} kept={kept} kinds={nodes.data.kinds ?? []} sayings={nodes.data.sayings ?? []} />;
}
