import { Divider, Form } from 'antd';
import { useState } from 'react';
import { Page } from '../../parts/page';
import { type Change, type Fields, type Kept, useItems } from './config';
import { Editor } from './editor';
import { type Field, Levels, useOptions } from './fields';
import { Items } from './list';
import { useSpan, useWords } from './words';

export const strategies = [
  'longest-idle',
  'ring-all',
  'ring-progressively',
  'round-robin',
  'fewest-calls',
  'least-talk-time',
  'top-down',
  'random',
  'weighted',
];

const fields: Field[] = [
  { name: 'id', as: 'text', fixed: true, need: true },
  { name: 'name', as: 'text' },
  { name: 'strategy', as: 'choice', of: strategies, say: 'strategy', otherwise: 'longest-idle' },
  { name: 'ring', as: 'time' },
  { name: 'ring_next', as: 'time' },
  { name: 'misses', as: 'number' },
  { name: 'wrap_up', as: 'time' },
  { name: 'wrap_more', as: 'time' },
  { name: 'max_wait', as: 'time' },
  { name: 'max_waiting', as: 'number' },
  { name: 'priority_worth', as: 'time' },
  { name: 'familiar', as: 'time' },
  { name: 'familiar_days', as: 'number' },
  { name: 'hours', as: 'ref', of: 'calendar' },
  { name: 'at_closing', as: 'choice', of: ['serve', 'leave'], say: 'closing', otherwise: 'serve' },
  { name: 'music', as: 'text' },
  { name: 'must_dispose', as: 'switch' },
  { name: 'dispositions', as: 'tags' },
  { name: 'script', as: 'lines' },
];

type Members = Record<string, number>;

// levelsIn are the agents of a queue and their levels in it.
export function levelsIn(queue: string, people: Kept[]): Members {
  const all: Members = {};
  for (const p of people) {
    const level = (p.item.queues as Members | undefined)?.[queue];
    if (level !== undefined) all[p.id] = level;
  }
  return all;
}

// memberChanges are the agents whose place in a queue differs from what they have.
export function memberChanges(queue: string, people: Kept[], members: Members): Change[] {
  return people.flatMap((p) => {
    const queues = { ...(p.item.queues as Members | undefined) };
    if (queues[queue] === members[p.id]) return [];
    if (members[p.id] === undefined) delete queues[queue];
    else queues[queue] = members[p.id] as number;
    const item: Fields = { ...p.item, queues };
    if (Object.keys(queues).length === 0) delete item.queues;
    return [{ kind: 'person' as const, id: p.id, revision: p.revision, item }];
  });
}

function OneQueue({ kept, onClose }: { kept: Kept | null; onClose: () => void }) {
  const t = useWords();
  const people = useItems('person');
  const [changed, setChanged] = useState<Members>();
  const members = changed ?? levelsIn(kept?.id ?? '', people.data?.items ?? []);
  return (
    <Editor
      kind="queue"
      kept={kept}
      fields={fields}
      start={{ strategy: 'longest-idle', ring: '20s', wrap_up: '15s' }}
      title={kept ? String(kept.item.name ?? kept.id) : t('queue.new')}
      onClose={onClose}
      more={(item) => (changed ? memberChanges(String(item.id), people.data?.items ?? [], changed) : [])}
    >
      <Divider titlePlacement="start">{t('queue.members')}</Divider>
      <p className="quiet">{t('queue.members_hint')}</p>
      <Form.Item>
        <Levels of="person" value={members} onChange={setChanged} />
      </Form.Item>
    </Editor>
  );
}

// Queues are edited here: how callers are served, within which limits, and by whom.
export default function Queues() {
  const t = useWords();
  const span = useSpan();
  const [open, setOpen] = useState<Kept | null>();
  const people = useItems('person');
  const calendars = useOptions('calendar');
  return (
    <Page title={t('queue.title')}>
      <Items
        kind="queue"
        onOpen={setOpen}
        onAdd={() => setOpen(null)}
        filters={[{ name: 'hours', label: t('queue.hours'), options: calendars }]}
        columns={[
          { name: 'id', title: t('queue.id') },
          { name: 'name', title: t('queue.name') },
          { name: 'strategy', title: t('queue.strategy'), render: (q) => t(`strategy.${String(q.strategy ?? 'longest-idle')}`) },
          { name: 'ring', title: t('queue.ring'), render: (q) => span(q.ring) ?? '–' },
          { name: 'wrap_up', title: t('queue.wrap_up'), render: (q) => span(q.wrap_up) ?? '–' },
          { name: 'max_waiting', title: t('queue.max_waiting') },
          { name: 'hours', title: t('queue.hours') },
          {
            name: 'members',
            title: t('queue.members'),
            unsorted: true,
            render: (_, kept) => Object.keys(levelsIn(kept.id, people.data?.items ?? [])).length,
          },
        ]}
      />
      {open !== undefined ? <OneQueue key={open?.id ?? ''} kept={open} onClose={() => setOpen(undefined)} /> : null}
    </Page>
  );
}
