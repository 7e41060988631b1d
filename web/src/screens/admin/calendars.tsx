import { App, Button, Flex, Form, Input, Select } from 'antd';
import dayjs from 'dayjs';
import { useEffect, useId, useState } from 'react';
import { api, take } from '../../api/client';
import { Page } from '../../parts/page';
import type { Kept } from './config';
import { Editor } from './editor';
import type { Field } from './fields';
import { Items, said } from './list';
import { clockOf, joinWeekly, splitWeekly, weekdays, wrongIn } from './weekly';
import { useWords } from './words';

// halfHours are those of a day, from its beginning on.
const halfHours = Array.from({ length: 48 }, (_, i) => `${String(Math.floor(i / 2)).padStart(2, '0')}:${i % 2 === 0 ? '00' : '30'}`);

// refused is the word for what is wrong with the weekly hours; undefined: nothing.
const refused = (lines: string[]): string | undefined => {
  const wrong = lines.map(wrongIn).find(Boolean);
  return wrong && `calendar.${wrong}`;
};

const fields: Field[] = [
  { name: 'id', as: 'text', fixed: true, need: true },
  { name: 'zone', as: 'text', example: 'Asia/Shanghai' },
  { name: 'weekly', as: 'custom', control: <Weekly />, refuse: (lines) => refused((lines ?? []) as string[]) },
  { name: 'holidays', as: 'dated' },
  { name: 'workdays', as: 'dated', words: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] },
  {
    name: 'closed',
    as: 'group',
    fields: [
      { name: 'why', as: 'text' },
      { name: 'until', as: 'moment' },
    ],
  },
];

// Clock is a time of day: chosen from the half hours, or typed. ends: it ends something, and midnight is 24:00.
function Clock({ value, ends = false, label, onChange }: { value: string; ends?: boolean; label: string; onChange: (v: string) => void }) {
  const known = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const done = (typed: string) => {
    const at = clockOf(typed, ends) ?? typed.replace(/[\s-]/g, ''); // what is none stays to be seen, and is refused
    setText(at);
    if (at !== value) onChange(at);
  };
  return (
    <>
      <Input
        style={{ width: 88, flex: 'none' }}
        value={text}
        maxLength={10}
        list={known}
        status={clockOf(text, ends) === undefined ? 'error' : undefined}
        aria-label={label}
        onChange={(e) => setText(e.target.value)}
        onBlur={() => done(text)}
      />
      <datalist id={known}>
        {(ends ? [...halfHours.slice(1), '24:00'] : halfHours).map((at) => (
          <option key={at} value={at} />
        ))}
      </datalist>
    </>
  );
}

// Weekly edits lines such as "mon-fri 09:00-18:00" by days and times.
function Weekly({ value = [], onChange, id }: { value?: string[]; onChange?: (v: string[]) => void; id?: string }) {
  const t = useWords();
  const set = (i: number, line: string | null) =>
    onChange?.(line === null ? value.filter((_, n) => n !== i) : value.map((old, n) => (n === i ? line : old)));
  return (
    <Flex vertical gap={6} id={id}>
      {value.map((line, i) => {
        const { days, from, to } = splitWeekly(line);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two lines may be equal while they are edited
          <Flex key={i} gap={8} align="start">
            <Select
              mode="multiple"
              style={{ flex: 1 }}
              value={days}
              aria-label={t('calendar.days')}
              options={weekdays.map((d) => ({ value: d, label: t(`day.${d}`) }))}
              onChange={(d: string[]) => set(i, joinWeekly({ days: d, from, to }))}
            />
            <Clock value={from} label={t('calendar.opens')} onChange={(v) => set(i, joinWeekly({ days, from: v, to }))} />
            <Clock ends value={to} label={t('calendar.closes')} onChange={(v) => set(i, joinWeekly({ days, from, to: v }))} />
            <Button onClick={() => set(i, null)}>{t('common.remove')}</Button>
          </Flex>
        );
      })}
      <Flex gap={8}>
        <Button onClick={() => onChange?.([...value, 'mon-fri 09:00-18:00'])}>{t('calendar.addHours')}</Button>
        <Button onClick={() => onChange?.(['daily 00:00-24:00'])}>{t('calendar.always')}</Button>
      </Flex>
    </Flex>
  );
}

function OneCalendar({ kept, onClose }: { kept: Kept | null; onClose: () => void }) {
  const t = useWords();
  const [form] = Form.useForm();
  const { message } = App.useApp();
  const year = dayjs().year();
  const add = async (which: number) => {
    try {
      const params = { path: { country: 'CN' as const, year: which } };
      const days = await take(api.GET('/api/v1/config/holidays/{country}/{year}', { params }));
      const now = form.getFieldsValue(['holidays', 'workdays']);
      form.setFieldsValue({ holidays: { ...days.holidays, ...now.holidays }, workdays: { ...days.workdays, ...now.workdays } });
      message.success(t('calendar.added', { n: Object.keys(days.holidays).length, m: Object.keys(days.workdays).length }));
    } catch (err) {
      message.error((err as Error).message);
    }
  };
  return (
    <Editor
      kind="calendar"
      kept={kept}
      form={form}
      fields={fields}
      start={{ zone: 'Asia/Shanghai', weekly: ['mon-fri 09:00-18:00'] }}
      title={kept ? kept.id : t('calendar.new')}
      onClose={onClose}
    >
      <Flex gap={8}>
        {[year, year + 1].map((y) => (
          <Button key={y} onClick={() => add(y)}>
            {t('calendar.public', { y })}
          </Button>
        ))}
      </Flex>
    </Editor>
  );
}

// Calendars are opening hours, holidays, make-up days and the emergency close.
export default function Calendars() {
  const t = useWords();
  const inWords = (line: string) => line.replace(/[a-z]+/g, (day) => t(`day.${day}`, { defaultValue: day }));
  const [open, setOpen] = useState<Kept | null>();
  const count = (v: unknown) => Object.keys((v as object | undefined) ?? {}).length;
  return (
    <Page title={t('calendar.title')}>
      <Items
        kind="calendar"
        onOpen={setOpen}
        onAdd={() => setOpen(null)}
        columns={[
          { name: 'id', title: t('calendar.id') },
          { name: 'weekly', title: t('calendar.weekly'), render: (c) => said(((c.weekly as string[] | undefined) ?? []).map(inWords)) },
          { name: 'holidays', title: t('calendar.holidays'), unsorted: true, render: (c) => count(c.holidays) },
          { name: 'workdays', title: t('calendar.workdays'), unsorted: true, render: (c) => count(c.workdays) },
          { name: 'zone', title: t('calendar.zone') },
          { name: 'closed.why', title: t('calendar.closed'), render: (c) => said((c.closed as { why?: string } | undefined)?.why) },
        ]}
      />
      {open !== undefined ? <OneCalendar key={open?.id ?? ''} kept={open} onClose={() => setOpen(undefined)} /> : null}
    </Page>
  );
}
