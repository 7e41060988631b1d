import { ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { AutoComplete, Button, Flex, Form, Input, InputNumber, Select } from 'antd';
import { createContext, useContext, useEffect, useState } from 'react';
import { api, take } from '../../api/client';
import { useCode } from '../../parts/why';
import type { Kind } from '../admin/config';
import { useOptions } from '../admin/fields';
import { isSpan, Span } from '../admin/spanfield';
import { useSpan, useWords } from '../admin/words';
import { useWayName } from './canvas';
import { ends, type NodeKey, type Path, type Value } from './model';
import { useFlowWords } from './words';

// About is what the fields of a node need to know of the flow around it.
interface About {
  steps: string[];
  sayings: string[];
}
export const AboutFlow = createContext<About>({ steps: [], sayings: [] });

export const usePrompts = () => useQuery({ queryKey: ['prompts'], queryFn: async () => (await take(api.GET('/api/v1/prompts'))).prompts });

type Put = (path: Path, value: Value | undefined) => void;

interface Props<V extends Value = Value> {
  value: V | undefined;
  onChange: (value: V | undefined) => void;
  label: string;
}

const textOf = (v: Value | undefined) => (typeof v === 'string' ? v : '');
const listOf = (v: Value | undefined): Value[] => (Array.isArray(v) ? v : v === undefined || v === '' ? [] : [v]);
const mapOf = (v: Value | undefined): { [key: string]: Value } => (v && typeof v === 'object' && !Array.isArray(v) ? v : {});

// Text takes effect when it is left, or by Enter: not each letter is a change of the flow.
function Text({ value, onChange, label, hint, long }: Props & { hint?: string; long?: boolean }) {
  const [text, setText] = useState(textOf(value));
  useEffect(() => setText(textOf(value)), [value]);
  const done = () => {
    if (text !== textOf(value)) onChange(text === '' ? undefined : text);
  };
  const common = { value: text, placeholder: hint, 'aria-label': label, onBlur: done, maxLength: 4000 };
  return long ? (
    <Input.TextArea autoSize={{ minRows: 1, maxRows: 8 }} {...common} onChange={(e) => setText(e.target.value)} />
  ) : (
    <Input {...common} onPressEnter={done} onChange={(e) => setText(e.target.value)} />
  );
}

// Named is a text for which there are proposals.
function Named({ value, onChange, label, options }: Props & { options: { value: string; label?: string }[] }) {
  const [text, setText] = useState(textOf(value));
  useEffect(() => setText(textOf(value)), [value]);
  const done = (v: string) => {
    if (v !== textOf(value)) onChange(v === '' ? undefined : v);
  };
  return (
    <AutoComplete
      style={{ width: '100%' }}
      value={text}
      options={options}
      allowClear
      aria-label={label}
      showSearch={{ filterOption: (typed, o) => typed === textOf(value) || String(o?.value).includes(typed) }}
      onChange={(v) => setText(v ?? '')}
      onSelect={done}
      onClear={() => done('')}
      onBlur={() => done(text)}
    />
  );
}

function Ref({ kind, ...props }: Props & { kind: Kind }) {
  return <Named {...props} options={useOptions(kind)} />;
}

const usePromptOptions = () => [...new Set((usePrompts().data ?? []).map((p) => p.name))].sort().map((value) => ({ value }));

function PromptName(props: Props) {
  return <Named {...props} options={usePromptOptions()} />;
}

// Target chooses where a way leads.
export function Target({ value, onChange, label, off }: Props & { off?: boolean }) {
  const t = useFlowWords();
  const { steps } = useContext(AboutFlow);
  const options = [
    ...steps.map((s) => ({ value: s, label: s })),
    ...ends.map((e) => ({ value: e, label: t(`end.${e}`) })),
    ...(off ? [{ value: '', label: t('edit.noMeaning') }] : []),
  ];
  return (
    <Select
      style={{ width: '100%' }}
      allowClear
      showSearch
      value={off ? textOf(value) : textOf(value) || undefined}
      placeholder={t('edit.nowhere')}
      aria-label={label}
      options={options}
      onChange={(v: string | undefined) => onChange(v ?? undefined)}
    />
  );
}

// Rows is a list whose items are moved up, removed and added.
function Rows<T extends Value>({
  items,
  fresh,
  onChange,
  label,
  children,
}: {
  items: T[];
  fresh: T;
  onChange: (items: T[]) => void;
  label: string;
  children: (item: T, set: (item: T) => void) => React.ReactNode;
}) {
  const t = useFlowWords();
  return (
    <Flex vertical gap={4}>
      {items.map((item, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal items are told apart by their place only
        <Flex key={i} gap={4} align="start">
          <div style={{ flex: 1, minWidth: 0 }}>{children(item, (v) => onChange(items.map((old, n) => (n === i ? v : old))))}</div>
          <Button
            size="small"
            type="text"
            disabled={i === 0}
            icon={<ArrowUpOutlined />}
            aria-label={`${t('edit.up')} ${label} ${i + 1}`}
            onClick={() => onChange(items.map((old, n) => (n === i - 1 ? item : n === i ? (items[i - 1] as T) : old)))}
          />
          <Button
            size="small"
            type="text"
            icon={<DeleteOutlined />}
            aria-label={`${label} ${i + 1} ×`}
            onClick={() => onChange(items.filter((_, n) => n !== i))}
          />
        </Flex>
      ))}
      <Button size="small" icon={<PlusOutlined />} aria-label={`${label} +`} onClick={() => onChange([...items, fresh])} />
    </Flex>
  );
}

// Prompts is what a node says: recordings, spoken texts, and values put together from recorded words.
function Prompts({ value, onChange, label }: Props) {
  const t = useFlowWords();
  const { sayings } = useContext(AboutFlow);
  const ways = ['file', 'text', ...sayings].map((w) => ({ value: w, label: t(`say.${w}`, { defaultValue: w }) }));
  return (
    <Rows items={listOf(value)} fresh="" label={label} onChange={(all) => onChange(all.length > 0 ? all : undefined)}>
      {(item, set) => {
        const parts = mapOf(item);
        const file = typeof item === 'string' ? item : textOf(parts.file);
        const way = typeof item === 'string' || parts.file ? 'file' : textOf(parts.say) || 'text';
        const text = file || textOf(parts.text);
        const write = (how: string, what: string) =>
          set(how === 'file' ? what : how === 'text' ? { text: what } : { say: how, text: what });
        return (
          <Flex gap={4}>
            <Select
              size="small"
              style={{ width: 104, flex: 'none' }}
              aria-label={`${label} ${t('edit.type')}`}
              value={way}
              options={ways}
              onChange={(w) => write(w, w === 'file' ? '' : text)}
            />
            {way === 'file' ? (
              <PromptName value={text} label={label} onChange={(v) => write('file', textOf(v))} />
            ) : (
              <Text value={text} label={label} hint={t('edit.variables')} onChange={(v) => write(way, textOf(v))} />
            )}
          </Flex>
        );
      }}
    </Rows>
  );
}

const telephone = [...'1234567890*#ABCD'];

// Mapped is a mapping whose keys are the author's own: keys of the telephone, regions, names.
function Mapped({ value, put, path, as, label }: { value: Value | undefined; put: Put; path: Path; as: string; label: string }) {
  const t = useFlowWords();
  const rows = mapOf(value);
  const keys = as.startsWith('key-');
  const ways = as.endsWith('ways');
  const [name, setName] = useState('');
  const add = (key: string) => {
    if (key !== '' && !(key in rows)) put([...path, key], ways ? 'hangup' : '');
    setName('');
  };
  return (
    <Flex vertical gap={4}>
      {Object.entries(rows).map(([key, v]) => (
        <Flex key={key} gap={4} align="center">
          <b className="mono" style={{ width: keys ? 20 : 96, flex: 'none', overflow: 'hidden', textOverflow: 'ellipsis' }} title={key}>
            {key}
          </b>
          <div style={{ flex: 1, minWidth: 0 }}>
            {ways ? (
              <Target value={v} label={`${label} ${key}`} off={keys} onChange={(to) => put([...path, key], to ?? (keys ? '' : 'hangup'))} />
            ) : (
              <Text value={v} label={`${label} ${key}`} onChange={(x) => put([...path, key], x ?? '')} />
            )}
          </div>
          <Button
            size="small"
            type="text"
            icon={<DeleteOutlined />}
            aria-label={`${label} ${key} ×`}
            onClick={() => put([...path, key], undefined)}
          />
        </Flex>
      ))}
      {keys ? (
        <Select
          size="small"
          value={null}
          placeholder={t('edit.newKey')}
          aria-label={t('edit.newKey')}
          options={telephone.filter((k) => !(k in rows)).map((k) => ({ value: k, label: k }))}
          onChange={(k: string | null) => k && add(k)}
        />
      ) : (
        <Input
          size="small"
          value={name}
          placeholder={ways ? t('edit.newRegion') : t('edit.newName')}
          aria-label={ways ? t('edit.newRegion') : t('edit.newName')}
          onChange={(e) => setName(e.target.value)}
          onPressEnter={() => add(name.trim())}
          onBlur={() => add(name.trim())}
        />
      )}
    </Flex>
  );
}

// Length is a length of time; like a text it takes effect when it is left.
function Length({ k, value, onChange, label }: Props & { k: NodeKey }) {
  const t = useFlowWords();
  const words = useWords();
  const span = useSpan();
  const kept = textOf(value);
  const [now, setNow] = useState<string | undefined>(kept);
  useEffect(() => setNow(kept), [kept]);
  return (
    <>
      <Span
        value={kept}
        label={label}
        hint={k.otherwise ? t('edit.otherwise', { v: span(k.otherwise) }) : `${span(k.low)} – ${span(k.high)}`}
        onChange={setNow}
        onDone={(v = '') => v !== kept && onChange(v === '' ? undefined : v)}
      />
      {isSpan(now) ? null : (
        <span className="ant-form-item-explain-error" role="alert">
          {words('span.wrong')}
        </span>
      )}
    </>
  );
}

// One is the control of a key that holds one value.
function One({ k, value, put, path, label }: { k: NodeKey; value: Value | undefined; put: Put; path: Path; label: string }) {
  const t = useFlowWords();
  const code = useCode();
  const common = { value, label, onChange: (v: Value | undefined) => put(path, v) };
  const otherwise = k.otherwise ? t('edit.otherwise', { v: k.otherwise }) : '';
  const prompts = usePromptOptions();
  const trunks = useOptions('trunk');
  switch (k.as) {
    case 'flag':
    case 'word': {
      const words = k.as === 'flag' ? ['true', 'false'] : (k.words ?? []).filter((w) => w !== '');
      const say = (w: string) => (k.as === 'flag' ? t(w === 'true' ? 'edit.yes' : 'edit.no') : t(`word.${w}`, { defaultValue: code(w) }));
      return (
        <Select
          style={{ width: '100%' }}
          allowClear
          value={textOf(value) || undefined}
          placeholder={k.otherwise ? t('edit.otherwise', { v: say(k.otherwise) }) : undefined}
          aria-label={label}
          options={words.map((w) => ({ value: w, label: say(w) }))}
          onChange={(v: string | undefined) => put(path, v)}
        />
      );
    }
    case 'count':
      return (
        <InputNumber
          style={{ width: '100%' }}
          value={value === undefined || value === '' ? null : Number(value)}
          min={Number(k.low)}
          max={Number(k.high)}
          placeholder={otherwise || `${k.low} – ${k.high}`}
          aria-label={label}
          onChange={(v) => put(path, v === null ? undefined : String(v))}
        />
      );
    case 'time':
      return <Length k={k} {...common} />;
    case 'prompts':
      return <Prompts {...common} />;
    case 'file':
      return <PromptName {...common} />;
    case 'files':
    case 'trunks':
      return (
        <Select
          style={{ width: '100%' }}
          mode="tags"
          value={listOf(value).map(textOf)}
          aria-label={label}
          options={k.as === 'files' ? prompts : trunks}
          onChange={(all: string[]) => put(path, all.length > 0 ? all : undefined)}
        />
      );
    case 'way':
      return <Target {...common} />;
    case 'calendar':
    case 'queue':
    case 'flow':
      return <Ref {...common} kind={k.as} />;
    default:
      return <Text {...common} long hint={k.otherwise} />;
  }
}

// Keys are the fields of a node, as the server tells them.
export function Keys({ keys, values, put, path = [] }: { keys: NodeKey[]; values: { [key: string]: Value }; put: Put; path?: Path }) {
  const t = useFlowWords();
  const wayName = useWayName();
  return (
    <>
      {keys.map((k) => {
        const at = [...path, k.name];
        const value = values[k.name];
        const label = k.as === 'way' ? wayName(at) : t(`key.${k.name}`, { defaultValue: k.name });
        if (k.as === 'group')
          return (
            <fieldset key={k.name}>
              <legend>{label}</legend>
              <Keys keys={k.keys ?? []} values={mapOf(value)} put={put} path={at} />
            </fieldset>
          );
        if (k.as === 'rows')
          return (
            <fieldset key={k.name}>
              <legend>{label}</legend>
              <Rows items={listOf(value)} fresh={{}} label={label} onChange={(all) => put(at, all.length > 0 ? all : undefined)}>
                {(item, set) => {
                  const put1: Put = ([name], v) => {
                    const { [name as string]: _, ...rest } = mapOf(item);
                    set(v === undefined ? rest : { ...rest, [name as string]: v });
                  };
                  return <Keys keys={k.keys ?? []} values={mapOf(item)} put={put1} />;
                }}
              </Rows>
            </fieldset>
          );
        return (
          <Form.Item key={k.name} label={label} required={k.need} colon={false}>
            {['ways', 'key-ways', 'texts', 'key-texts'].includes(k.as) ? (
              <Mapped value={value} put={put} path={at} as={k.as} label={label} />
            ) : (
              <One k={k} value={value} put={put} path={at} label={label} />
            )}
          </Form.Item>
        );
      })}
    </>
  );
}
