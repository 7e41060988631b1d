import { Alert, App, Button, Flex, Form, Table, Tag } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { api, take } from '../../api/client';
import { useQueueName } from '../../live';
import { Page } from '../../parts/page';
import { stamp } from '../../parts/time';
import { type Change, type Fields, type Kept, merged } from './config';
import { Editor } from './editor';
import { type Field, useOptions } from './fields';
import { Items, said } from './list';
import { useSpan, useWords } from './words';

const fields: Field[] = [
  { name: 'id', as: 'text', fixed: true, need: true },
  { name: 'dids', as: 'tags' },
  { name: 'regions', as: 'tags' },
  { name: 'topics', as: 'tags' },
  { name: 'hours', as: 'ref', of: 'calendar' },
  { name: 'outside', as: 'switch' },
  { name: 'priority', as: 'number' },
  { name: 'language', as: 'choice', of: ['zh', 'en'], say: 'language' },
  {
    name: 'steps',
    as: 'rows',
    fields: [
      { name: 'queue', as: 'ref', of: 'queue' },
      { name: 'after', as: 'time' },
      { name: 'skills', as: 'levels' },
    ],
  },
];

interface Step {
  queue: string;
  after?: string;
}

// useSteps says the queues of a rule by their names, one after the other.
function useSteps(): (r: Fields) => string {
  const t = useWords();
  const span = useSpan();
  const queueName = useQueueName();
  return (r) =>
    ((r.steps as Step[] | undefined) ?? [])
      .map((s) => (s.after ? `${queueName(s.queue)} (${t('span.after', { t: span(s.after) })})` : queueName(s.queue)))
      .join(' → ');
}

interface Moved {
  key: string;
  at: string;
  did?: string;
  region?: string;
  topic?: string;
  was: string;
  will: string;
}

// tried is which of the latest 500 calls of two weeks would be served otherwise with the changes.
async function tried(changes: Change[], queueName: (id: string) => string): Promise<{ asked: number; moved: Moved[] }> {
  const query = { from: dayjs().subtract(14, 'day').startOf('day').toISOString(), direction: 'in' as const, limit: 500 };
  const past = (await take(api.GET('/api/v1/calls', { params: { query } }))).calls ?? [];
  const calls = past.map((c) => ({ did: c.did, caller: c.caller.e164 || c.caller.raw, topic: c.topic, at: c.started }));
  if (calls.length === 0) {
    await take(api.POST('/api/v1/config/publish', { body: { changes, check: true } }));
    return { asked: 0, moved: [] };
  }
  const now = await take(api.POST('/api/v1/routes/dry-run', { body: { calls } }));
  const then = await take(api.POST('/api/v1/routes/dry-run', { body: { calls, changes } }));
  const word = (line?: { rule?: string; steps?: { queue: string }[] | null }) =>
    line?.rule ? `${line.rule}: ${(line.steps ?? []).map((s) => queueName(s.queue)).join(' → ')}` : '–';
  const moved = past.flatMap((c, i) => {
    const [was, will] = [word(now?.[i]), word(then?.[i])];
    return was === will ? [] : [{ key: c.call, at: c.started ?? '', did: c.did, region: now?.[i]?.region, topic: c.topic, was, will }];
  });
  return { asked: calls.length, moved };
}

function OneRoute({ kept, onClose }: { kept: Kept | null; onClose: () => void }) {
  const t = useWords();
  const [form] = Form.useForm();
  const { message } = App.useApp();
  const queueName = useQueueName();
  const [result, setResult] = useState<{ asked: number; moved: Moved[] }>();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      const item = merged(kept?.item ?? {}, form.getFieldsValue(true));
      setResult(await tried([{ kind: 'route', id: kept?.id, revision: kept?.revision, item }], queueName));
    } catch (err) {
      message.error((err as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Editor
      kind="route"
      kept={kept}
      form={form}
      fields={fields}
      start={{ steps: [{}] }}
      title={kept ? kept.id : t('route.new')}
      onClose={onClose}
    >
      <Flex vertical gap={8}>
        <Button loading={busy} onClick={run} style={{ alignSelf: 'start' }}>
          {t('route.try')}
        </Button>
        {result ? (
          <Alert
            type={result.moved.length > 0 ? 'info' : 'success'}
            title={result.asked === 0 ? t('route.noCalls') : t('route.moved', { n: result.moved.length, all: result.asked })}
          />
        ) : null}
        {result && result.moved.length > 0 ? (
          <Table
            size="small"
            dataSource={result.moved}
            pagination={{ pageSize: 10, hideOnSinglePage: true }}
            columns={[
              { title: t('route.at'), className: 'num', render: (_, m) => stamp(m.at) },
              { title: t('route.did'), dataIndex: 'did', className: 'num' },
              { title: t('route.region'), dataIndex: 'region' },
              { title: t('route.topic'), dataIndex: 'topic' },
              { title: t('route.was'), render: (_, m) => <Tag>{m.was}</Tag> },
              { title: t('route.will'), render: (_, m) => <Tag color="blue">{m.will}</Tag> },
            ]}
          />
        ) : null}
      </Flex>
    </Editor>
  );
}

// RoutesPage is the matrix: number, region, topic and hours to queues. The most specific rule wins.
export default function RoutesPage() {
  const t = useWords();
  const steps = useSteps();
  const queues = useOptions('queue');
  const calendars = useOptions('calendar');
  const [open, setOpen] = useState<Kept | null>();
  return (
    <Page title={t('route.title')}>
      <p className="quiet">{t('route.intro')}</p>
      <Items
        kind="route"
        onOpen={setOpen}
        onAdd={() => setOpen(null)}
        filters={[
          { name: 'steps', label: t('route.steps_queue'), options: queues },
          { name: 'hours', label: t('route.hours'), options: calendars },
        ]}
        columns={[
          { name: 'id', title: t('route.id') },
          { name: 'dids', title: t('route.dids'), render: (r) => said(r.dids ?? t('route.any')) },
          { name: 'regions', title: t('route.regions'), render: (r) => said(r.regions ?? t('route.any')) },
          { name: 'topics', title: t('route.topics'), render: (r) => said(r.topics ?? t('route.any')) },
          {
            name: 'hours',
            title: t('route.hours'),
            render: (r) => (r.hours ? `${String(r.hours)} ${r.outside ? t('route.outside') : ''}` : t('route.any')),
          },
          { name: 'priority', title: t('route.priority') },
          { name: 'steps', title: t('route.steps'), unsorted: true, render: steps },
        ]}
      />
      {open !== undefined ? <OneRoute key={open?.id ?? ''} kept={open} onClose={() => setOpen(undefined)} /> : null}
    </Page>
  );
}
