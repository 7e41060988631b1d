import { Button, Table, type TableColumnsType } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { CallRecord } from '../api/client';
import { Nothing } from './ask';
import { AgentName, QueueName } from './names';
import { Num } from './number';
import { national, regionOf } from './region';
import { ResultTag } from './result';
import { sorted, sortOf } from './sorting';
import { clock, stamp } from './time';

interface Props {
  calls: CallRecord[];
  loading?: boolean;
  narrowed?: boolean; // by a filter
  more?: () => void;
  sort?: string; // what the server sorted by; undefined: it may not be chosen here
  onSort?: (sort?: string) => void;
}

// inTurn is each id once, in the order of the call.
const inTurn = (ids: string[] = []) => [...new Set(ids)];

// CallTable lists records in the order in which they come.
export function CallTable({ calls, loading, narrowed = true, more, sort, onSort }: Props) {
  const { t } = useTranslation();
  const by = (key: string) => (sort ? sorted(key, sort) : {});
  const columns: TableColumnsType<CallRecord> = [
    {
      ...by('started'),
      title: t('calls.started'),
      className: 'num',
      width: 130,
      render: (_, c) => <Link to={`/calls/${c.call}`}>{stamp(c.started)}</Link>,
    },
    {
      title: t('calls.direction'),
      width: 70,
      render: (_, c) => (c.direction ? t(`calls.${c.direction as 'in' | 'out' | 'internal'}`) : ''),
    },
    { title: t('calls.caller'), className: 'num', render: (_, c) => <Num value={c.caller.e164 || c.caller.raw} /> },
    { title: t('calls.region'), render: (_, c) => regionOf(c.region) },
    { title: t('calls.called'), className: 'num', render: (_, c) => c.did || national(c.called.e164 || c.called.raw || '') },
    { title: t('calls.topic'), dataIndex: 'topic' },
    {
      title: t('calls.queue'),
      render: (_, c) => inTurn(c.queues?.map((q) => q.queue)).map((id, i) => [i ? ' → ' : '', <QueueName key={id} id={id} />]),
    },
    {
      title: t('calls.agent'),
      render: (_, c) =>
        inTurn(c.agents?.filter((a) => a.connected).map((a) => a.agent)).map((id, i) => [i ? ' → ' : '', <AgentName key={id} id={id} />]),
    },
    { title: t('calls.result'), render: (_, c) => <ResultTag record={c} /> },
    { ...by('wait'), title: t('calls.wait'), className: 'num', align: 'right', render: (_, c) => (c.queued ? clock(c.waitMs) : '–') },
    { ...by('talk'), title: t('calls.talk'), className: 'num', align: 'right', render: (_, c) => (c.talked ? clock(c.talkMs) : '–') },
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
        columns={columns}
        onChange={(_, __, s) => onSort?.(sortOf(s))}
        locale={{
          emptyText: <Nothing text={t(narrowed ? 'calls.none' : 'calls.first')} hint={t(narrowed ? 'calls.hint' : 'calls.firstHint')} />,
        }}
      />
      {more ? (
        <Button block type="text" onClick={more} style={{ marginTop: 8 }}>
          {t('act.more')}
        </Button>
      ) : null}
    </>
  );
}
