import { Button, Table, type TableColumnsType, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { CallRecord } from '../api/client';
import { Nothing } from './ask';
import { Num } from './number';
import { clock, stamp } from './time';

export type Result =
  | 'answered'
  | 'voicemail'
  | 'callback'
  | 'abandoned-ivr'
  | 'abandoned-queue'
  | 'abandoned-ring'
  | 'self-service'
  | 'not-connected'
  | 'crashed'
  | 'open';

export const results: Result[] = [
  'answered',
  'voicemail',
  'callback',
  'abandoned-ivr',
  'abandoned-queue',
  'abandoned-ring',
  'self-service',
  'not-connected',
  'crashed',
  'open',
];

// resultOf is what became of a call, in the words of the API's filter.
export function resultOf(c: CallRecord): Result {
  if (!c.ended) return 'open';
  if (c.cause === 'node-restarted') return 'crashed';
  if (c.talked) return 'answered';
  if (c.voicemail) return 'voicemail';
  if (c.callback) return 'callback';
  if (c.abandonedIn) return `abandoned-${c.abandonedIn}` as Result;
  return c.answered ? 'self-service' : 'not-connected';
}

const colours: Partial<Record<Result, string>> = { answered: 'green', voicemail: 'blue', open: 'processing', crashed: 'red' };

export function ResultTag({ record }: { record: CallRecord }) {
  const { t } = useTranslation();
  const r = resultOf(record);
  return <Tag color={colours[r] ?? (r.startsWith('abandoned') ? 'orange' : 'default')}>{t(`calls.${r}`)}</Tag>;
}

interface Props {
  calls: CallRecord[];
  loading?: boolean;
  more?: () => void;
  brief?: boolean;
}

// CallTable lists records, the newest first.
export function CallTable({ calls, loading, more, brief }: Props) {
  const { t } = useTranslation();
  const all: TableColumnsType<CallRecord> = [
    { title: t('calls.started'), className: 'num', width: 130, render: (_, c) => <Link to={`/calls/${c.call}`}>{stamp(c.started)}</Link> },
    {
      title: t('calls.direction'),
      key: 'wide',
      width: 70,
      render: (_, c) => (c.direction ? t(`calls.${c.direction as 'in' | 'out' | 'internal'}`) : ''),
    },
    { title: t('calls.caller'), className: 'num', render: (_, c) => <Num value={c.caller.e164 || c.caller.raw} /> },
    { title: t('calls.region'), dataIndex: 'region' },
    { title: t('calls.called'), key: 'wide', className: 'num', render: (_, c) => c.did || c.called.e164 || c.called.raw },
    { title: t('calls.topic'), dataIndex: 'topic' },
    { title: t('calls.queue'), key: 'wide', render: (_, c) => [...new Set(c.queues?.map((q) => q.queue))].join(' → ') },
    {
      title: t('calls.agent'),
      key: 'wide',
      render: (_, c) => [...new Set(c.agents?.filter((a) => a.connected).map((a) => a.agent))].join(' → '),
    },
    { title: t('calls.result'), render: (_, c) => <ResultTag record={c} /> },
    { title: t('calls.wait'), className: 'num', align: 'right', render: (_, c) => (c.queued ? clock(c.waitMs) : '–') },
    { title: t('calls.talk'), className: 'num', align: 'right', render: (_, c) => (c.talked ? clock(c.talkMs) : '–') },
  ];
  return (
    <>
      <Table
        size="small"
        rowKey="call"
        loading={loading}
        dataSource={calls}
        pagination={false}
        scroll={{ x: 'max-content' }}
        columns={brief ? all.filter((c) => c.key !== 'wide') : all}
        locale={{ emptyText: <Nothing text={t('calls.none')} hint={brief ? undefined : t('calls.hint')} /> }}
      />
      {more ? (
        <Button block type="text" onClick={more} style={{ marginTop: 8 }}>
          {t('act.more')}
        </Button>
      ) : null}
    </>
  );
}
