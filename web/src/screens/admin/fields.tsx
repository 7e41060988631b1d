import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, DatePicker, Flex, Form, Input, InputNumber, Select, Switch } from 'antd';
import type { Rule } from 'antd/es/form';
import dayjs, { type Dayjs } from 'dayjs';
import { type ReactElement, useState } from 'react';
import { type Kind, useItems } from './config';
import { isSpan, Span } from './spanfield';
import { weekdays } from './weekly';
import { useWords } from './words';

// Field is one key of an item and how it is edited. Its label and hint are words of the screens: KIND.NAME and KIND.NAME_hint.
export type Field =
  | { name: string; as: 'custom'; control: ReactElement; refuse?: (value: unknown) => string | undefined } // with the word that says why
  | {
      name: string;
      as: 'text' | 'lines' | 'secret' | 'made' | 'time' | 'moment' | 'number' | 'switch' | 'tags' | 'dated';
      fixed?: boolean;
      need?: boolean;
      words?: string[];
      example?: string;
    }
  | { name: string; as: 'code'; otherwise: string }
  | { name: string; as: 'choice' | 'choices'; of: string[]; say?: string; otherwise?: string; need?: boolean }
  | { name: string; as: 'ref' | 'refs'; of: Kind; need?: boolean }
  | { name: string; as: 'levels'; of?: Kind }
  | { name: string; as: 'rows' | 'group'; fields: Field[] };

// labelOf is the id and, where it has one, the name of an item.
const labelOf = (id: string, name: unknown) => (typeof name === 'string' && name !== '' && name !== id ? `${name} (${id})` : id);

// keyOf is the name by which other items refer to one.
export function keyOf(kind: Kind, id: string, item: Record<string, unknown>): string {
  if (kind !== 'flow') return id;
  const said = /^flow:\s*["']?([^\s"'#]+)/m.exec(String(item.source ?? ''));
  return said?.[1] ?? id.replace(/\.ya?ml$/, '');
}

export function useOptions(kind: Kind) {
  const items = useItems(kind);
  return (items.data?.items ?? []).map((one) => {
    const key = keyOf(kind, one.id, one.item);
    return { value: key, label: labelOf(key, one.item.name) };
  });
}

interface Control<T> {
  id?: string;
  value?: T;
  onChange?: (value: T) => void;
}

function Ref({ of, many, ...control }: { of: Kind; many?: boolean } & Control<string | string[]>) {
  return (
    <Select allowClear showSearch optionFilterProp="label" mode={many ? 'multiple' : undefined} options={useOptions(of)} {...control} />
  );
}

// Levels is a mapping of names to numbers: the queues or skills of an agent.
export function Levels({ of, value, onChange, id }: { of?: Kind } & Control<Record<string, number>>) {
  const t = useWords();
  const known = useOptions(of ?? 'queue');
  const rows = Object.entries(value ?? {});
  const set = (all: [string, number][]) => onChange?.(Object.fromEntries(all));
  const options = known.filter((o) => !(o.value in (value ?? {})));
  return (
    <Flex vertical gap={4} id={id}>
      {rows.map(([name, level]) => (
        <Flex key={name} gap={8} align="center">
          <span style={{ flex: 1 }}>{known.find((o) => o.value === name)?.label ?? name}</span>
          <InputNumber
            min={0}
            max={100}
            value={level}
            aria-label={`${name} ${t('common.level')}`}
            onChange={(v) => set(rows.map(([n, l]) => [n, n === name ? Number(v ?? 0) : l]))}
          />
          <Button
            size="small"
            type="text"
            icon={<DeleteOutlined />}
            aria-label={`${t('common.remove')} ${name}`}
            onClick={() => set(rows.filter(([n]) => n !== name))}
          />
        </Flex>
      ))}
      <Select
        value={null}
        placeholder={t('common.add')}
        aria-label={t('common.add')}
        showSearch
        mode={of ? undefined : 'tags'}
        options={of ? options : []}
        onChange={(name: string | string[] | null) => {
          const one = Array.isArray(name) ? name[0] : name;
          if (one) set([...rows, [one, 1]]);
        }}
      />
    </Flex>
  );
}

// Made is a password that the system makes where none is typed.
function Made({ value, onChange, ...rest }: Control<string>) {
  const t = useWords();
  const made = 'generate'; // as data.yml says it
  return (
    <Input.Password
      {...rest}
      value={value === made ? '' : value}
      maxLength={200}
      autoComplete="new-password"
      placeholder={t('common.made')}
      onChange={(e) => onChange?.(e.target.value === '' ? made : e.target.value)}
    />
  );
}

// Code is what is dialled for something: its own, the usual one where nothing is typed, or none at all.
function Code({ value, onChange, otherwise, id }: Control<string> & { otherwise: string }) {
  const t = useWords();
  const none = 'none'; // as data.yml says it
  const off = value === none;
  return (
    <Flex gap={8} align="center">
      <Input
        id={id}
        value={off ? '' : (value ?? '')}
        disabled={off}
        maxLength={20}
        placeholder={off ? t('codes.off') : otherwise}
        onChange={(e) => onChange?.(e.target.value)}
      />
      <Switch size="small" checked={!off} aria-label={t('codes.use', { code: otherwise })} onChange={(on) => onChange?.(on ? '' : none)} />
    </Flex>
  );
}

// Moment is a date with its time of day, as RFC 3339 writes it.
function Moment({ value, onChange, id }: Control<string>) {
  return (
    <DatePicker
      id={id}
      style={{ width: '100%' }}
      showTime={{ format: 'HH:mm' }}
      format="YYYY-MM-DD HH:mm"
      value={value ? dayjs(value) : null}
      onChange={(d: Dayjs | null) => onChange?.(d ? d.second(0).format() : '')}
    />
  );
}

// Dated is a mapping of days to texts: holidays with their names, make-up days with the weekday they are like.
function Dated({ value, onChange, words, id }: { words?: string[] } & Control<Record<string, string>>) {
  const t = useWords();
  const rows = Object.entries(value ?? {}).sort(([a], [b]) => a.localeCompare(b));
  const set = (all: [string, string][]) => onChange?.(Object.fromEntries(all));
  const edit = (day: string, text: string) => set(rows.map(([d, x]) => [d, d === day ? text : x]));
  return (
    <Flex vertical gap={4} id={id}>
      {rows.map(([day, text]) => (
        <Flex key={day} gap={8} align="center">
          <span className="num" style={{ width: 130 }}>
            {day} {t(`day.${weekdays[(dayjs(day).day() + 6) % 7]}`)}
          </span>
          {words ? (
            <>
              <Select
                value={text.split(' ')[0]}
                style={{ width: 140 }}
                aria-label={day}
                options={words.map((w) => ({ value: w, label: t(`weekday.${w}`) }))}
                onChange={(w) => edit(day, [w, ...text.split(' ').slice(1)].join(' '))}
              />
              <Input
                value={text.split(' ').slice(1).join(' ')}
                maxLength={60}
                aria-label={`${day} ${t('calendar.what')}`}
                onChange={(e) => edit(day, `${text.split(' ')[0]} ${e.target.value}`)}
              />
            </>
          ) : (
            <Input value={text} maxLength={60} aria-label={day} onChange={(e) => edit(day, e.target.value)} />
          )}
          <Button
            size="small"
            type="text"
            icon={<DeleteOutlined />}
            aria-label={`${t('common.remove')} ${day}`}
            onClick={() => set(rows.filter(([d]) => d !== day))}
          />
        </Flex>
      ))}
      <DatePicker<Dayjs>
        value={null}
        placeholder={t('common.addDay')}
        aria-label={t('common.addDay')}
        onChange={(d: Dayjs | null) => {
          const day = d?.format('YYYY-MM-DD');
          if (day && !(day in (value ?? {}))) set([...rows, [day, words?.[0] ?? t('calendar.holiday')]]);
        }}
      />
    </Flex>
  );
}

function Rows({ field, kind, path }: { field: Extract<Field, { as: 'rows' | 'group' }>; kind: string; path: (string | number)[] }) {
  const t = useWords();
  return (
    <Form.List name={path}>
      {(rows, { add, remove }) => (
        <Flex vertical gap={8}>
          {rows.map((row) => (
            <Flex key={row.key} gap={8} align="start" className="rows-row">
              <div style={{ flex: 1 }}>
                <Inputs fields={field.fields} kind={`${kind}.${field.name}_`} path={[row.name]} />
              </div>
              <Button
                size="small"
                type="text"
                icon={<DeleteOutlined />}
                aria-label={`${t('common.remove')} ${row.name + 1}`}
                onClick={() => remove(row.name)}
              />
            </Flex>
          ))}
          <Button size="small" icon={<PlusOutlined />} onClick={() => add({})}>
            {t('common.add')}
          </Button>
        </Flex>
      )}
    </Form.List>
  );
}

// Group is a part of an item that is there or not.
function Group({
  field,
  kind,
  name,
  label,
}: {
  field: Extract<Field, { as: 'rows' | 'group' }>;
  kind: string;
  name: (string | number)[];
  label: string;
}) {
  const form = Form.useFormInstance();
  const [on, setOn] = useState(() => form.getFieldValue(name) != null);
  return (
    <fieldset className={on ? 'wide' : 'wide off'}>
      <legend>
        <Switch
          size="small"
          checked={on}
          aria-label={label}
          onChange={(v) => {
            form.setFieldValue(name, v ? {} : null);
            setOn(v);
          }}
        />{' '}
        {label}
      </legend>
      {on ? (
        <Inputs fields={field.fields} kind={`${kind}.${field.name}_`} path={name} />
      ) : (
        <Form.Item name={name} hidden>
          <Input />
        </Form.Item>
      )}
    </fieldset>
  );
}

function Input1({ field, isNew }: { field: Field; isNew?: boolean }) {
  const t = useWords();
  switch (field.as) {
    case 'text':
      return <Input maxLength={200} disabled={field.fixed && !isNew} placeholder={field.example} />;
    case 'lines':
      return <Input.TextArea maxLength={10_000} autoSize={{ minRows: 3, maxRows: 12 }} />;
    case 'secret':
      return <Input.Password maxLength={200} autoComplete="new-password" />;
    case 'made':
      return <Made />;
    case 'code':
      return <Code otherwise={field.otherwise} />;
    case 'moment':
      return <Moment />;
    case 'time':
      return <Span />;
    case 'tags':
      return <Select mode="tags" tokenSeparators={[' ', '\n']} open={false} suffixIcon={null} />;
    case 'number':
      return <InputNumber style={{ width: '100%' }} />;
    case 'choice':
    case 'choices':
      return (
        <Select
          allowClear
          mode={field.as === 'choices' ? 'multiple' : undefined}
          placeholder={field.otherwise ? t(`${field.say}.${field.otherwise}`) : undefined}
          options={field.of.map((value) => ({ value, label: field.say ? t(`${field.say}.${value}`) : value }))}
        />
      );
    default:
      return null;
  }
}

// rulesOf is what the page refuses by itself; all else is the server's to say.
function rulesOf(field: Field, t: ReturnType<typeof useWords>): Rule[] {
  const rules: Rule[] = 'need' in field && field.need ? [{ required: true, message: t('common.needed') }] : [];
  const refuse =
    field.as === 'time' ? (v: unknown) => (isSpan(v) ? undefined : 'span.wrong') : field.as === 'custom' ? field.refuse : undefined;
  if (refuse)
    rules.push({
      validator: async (_, v) => {
        const why = refuse(v);
        if (why) throw new Error(t(why));
      },
    });
  return rules;
}

// Inputs are the fields of an item, or of a part of it that stands under path.
export function Inputs({ fields, kind, path = [], isNew }: { fields: Field[]; kind: string; path?: (string | number)[]; isNew?: boolean }) {
  const t = useWords();
  return (
    <div className="fields">
      {fields.map((field) => {
        const name = [...path, field.name];
        const label = t(`${kind}.${field.name}`.replace('_.', '_'));
        const hint = t(`${kind}.${field.name}_hint`.replace('_.', '_'), { defaultValue: '' });
        const rules = rulesOf(field, t);
        const common = { key: field.name, name, label, extra: hint || undefined, rules };
        const { key, ...rest } = common;
        if (field.as === 'group') return <Group key={key} field={field} kind={kind} name={name} label={label} />;
        if (field.as === 'rows')
          return (
            <fieldset key={key} className="wide">
              <legend>{label}</legend>
              {hint ? <p className="quiet">{hint}</p> : null}
              <Rows field={field} kind={kind} path={name} />
            </fieldset>
          );
        return (
          <Form.Item
            key={key}
            {...rest}
            validateTrigger={field.as === 'time' ? 'onBlur' : 'onChange'}
            valuePropName={field.as === 'switch' ? 'checked' : 'value'}
            className={['levels', 'dated', 'tags', 'lines', 'custom', 'refs'].includes(field.as) ? 'wide' : undefined}
          >
            {field.as === 'ref' || field.as === 'refs' ? (
              <Ref of={field.of} many={field.as === 'refs'} />
            ) : field.as === 'levels' ? (
              <Levels of={field.of} />
            ) : field.as === 'dated' ? (
              <Dated words={field.words} />
            ) : field.as === 'custom' ? (
              field.control
            ) : field.as === 'switch' ? (
              <Switch />
            ) : (
              // Form.Item gives its control value and onChange, which a wrapper would not pass on.
              Input1({ field, isNew })
            )}
          </Form.Item>
        );
      })}
    </div>
  );
}
