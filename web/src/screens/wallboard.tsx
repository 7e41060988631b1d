import { FullscreenExitOutlined, FullscreenOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Card, Table, Tooltip } from 'antd';
import dayjs from 'dayjs';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { type AgentState, api, take } from '../api/client';
import { useAgents, useLiveCalls, useQueues, useWaiting } from '../live';
import { Nothing } from '../parts/ask';
import { Page } from '../parts/page';
import { StateTag, stateColour } from '../parts/state';
import { clock, useNow } from '../parts/time';
import { figures, within } from './figures';

type Mood = '' | 'warn' | 'bad';

function Tile({ what, figure, mood = '', how }: { what: string; figure: string | number; mood?: Mood; how?: string }) {
  return (
    <Tooltip title={how}>
      <div className={`tile ${mood}`}>
        <div className="what">{what}</div>
        <div className="figure">{figure}</div>
      </div>
    </Tooltip>
  );
}

// over is how a figure looks from its two thresholds.
const over = (n: number, warn: number, bad: number): Mood => (n >= bad ? 'bad' : n >= warn ? 'warn' : '');

function useToday() {
  return useQuery({
    queryKey: ['calls', 'today'],
    queryFn: () =>
      take(api.GET('/api/v1/calls', { params: { query: { from: dayjs().startOf('day').toISOString(), direction: 'in', limit: 1000 } } })),
    refetchInterval: 5_000,
  });
}

function Figures({ now }: { now: number }) {
  const { t } = useTranslation();
  const queues = useQueues().data ?? [];
  const agents = useAgents().data ?? [];
  const live = useLiveCalls().data ?? [];
  const today = useToday().data;
  const f = figures(today?.calls ?? []);
  const waiting = queues.reduce((n, q) => n + q.waiting, 0);
  const first = Math.min(...queues.map((q) => (q.longestSince ? Date.parse(q.longestSince) : Number.POSITIVE_INFINITY)));
  const longest = Number.isFinite(first) ? now - first : 0;
  const count = (state: AgentState) => agents.filter((a) => a.state === state).length;
  const percent = (n?: number) => (n === undefined ? '–' : `${Math.round(n * 100)}%`);
  const partial = today?.next ? ` (${t('wall.partial', { n: today.calls.length })})` : '';
  return (
    <div className="tiles" aria-live="off">
      <Tile what={t('wall.waiting')} figure={waiting} mood={over(waiting, 5, 10)} />
      <Tile what={t('wall.longest')} figure={clock(longest)} mood={over(longest, 30_000, 60_000)} />
      <Tile what={t('wall.talking')} figure={count('talking')} />
      <Tile what={t('wall.ready')} figure={count('ready')} mood={agents.length > 0 && count('ready') === 0 ? 'warn' : ''} />
      <Tile what={t('wall.logged')} figure={agents.length - count('offline')} />
      <Tile what={t('wall.live')} figure={live.length} />
      <Tile what={t('wall.calls') + partial} figure={f.calls} />
      <Tile
        what={t('wall.level')}
        how={t('wall.levelHow', { t: within / 1000 })}
        figure={percent(f.level)}
        mood={f.level === undefined ? '' : over(1 - f.level, 0.2, 0.4)}
      />
      <Tile what={t('wall.abandoned')} figure={f.abandoned} />
      <Tile what={t('wall.asa')} how={t('wall.asaHow')} figure={f.asa === undefined ? '–' : clock(f.asa)} />
    </div>
  );
}

function QueueTable({ now }: { now: number }) {
  const { t } = useTranslation();
  const queues = useQueues();
  const states: AgentState[] = ['ready', 'offered', 'talking', 'wrap-up', 'not-ready', 'missed', 'offline'];
  return (
    <Table
      size="small"
      rowKey="id"
      pagination={false}
      loading={queues.isPending}
      dataSource={queues.data}
      columns={[
        { title: t('wall.queue'), render: (_, q) => q.name || q.id },
        { title: t('wall.waiting'), dataIndex: 'waiting', className: 'num', align: 'right' },
        {
          title: t('wall.longest'),
          className: 'num',
          align: 'right',
          render: (_, q) => (q.longestSince ? clock(now - Date.parse(q.longestSince)) : '–'),
        },
        ...states.map((s) => ({
          title: <span style={{ color: stateColour[s] }}>{t(`state.${s}`)}</span>,
          className: 'num',
          align: 'right' as const,
          render: (_: unknown, q: { agents: Record<string, number | undefined> }) => q.agents[s] ?? 0,
        })),
      ]}
    />
  );
}

function WaitingTable({ now }: { now: number }) {
  const { t } = useTranslation();
  const waiting = useWaiting();
  return (
    <Table
      size="small"
      rowKey="call"
      pagination={{ pageSize: 15, hideOnSinglePage: true, size: 'small' }}
      loading={waiting.isPending}
      dataSource={waiting.data}
      locale={{ emptyText: <Nothing text={t('wall.nobody')} /> }}
      columns={[
        { title: t('wall.position'), className: 'num', render: (_, w) => w.position || '–' },
        { title: t('wall.queue'), dataIndex: 'queue' },
        { title: t('wall.priority'), dataIndex: 'priority', className: 'num', align: 'right' },
        { title: t('calls.wait'), className: 'num', align: 'right', render: (_, w) => clock(now - Date.parse(w.since)) },
        { title: t('wall.ringingAt'), dataIndex: 'agent' },
        { title: '', render: (_, w) => <Link to={`/calls/${w.call}`}>{t('act.details')}</Link> },
      ]}
    />
  );
}

function AgentBoard({ now }: { now: number }) {
  const agents = useAgents().data ?? [];
  return (
    <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8 }}>
      {agents.map((a) => (
        <div key={a.id} className="tile" style={{ padding: '6px 10px', minWidth: 150 }}>
          <div style={{ marginBottom: 4 }}>{a.name || a.id}</div>
          <StateTag agent={a} now={now} />
        </div>
      ))}
    </div>
  );
}

// Wallboard is the figures of now and of the day, to be read across a room.
export default function Wallboard() {
  const { t } = useTranslation();
  const now = useNow();
  const [full, setFull] = useState(false);
  useEffect(() => {
    const left = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', left);
    return () => document.removeEventListener('fullscreenchange', left);
  }, []);
  const toggle = () => (full ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  const button = (
    <Button icon={full ? <FullscreenExitOutlined /> : <FullscreenOutlined />} onClick={() => void toggle()}>
      {t('act.fullScreen')}
    </Button>
  );
  return (
    <div className={full ? 'full' : ''}>
      <Page title={t('wall.title')} extra={button}>
        <Figures now={now} />
        <Card size="small" style={{ marginBottom: 12 }}>
          <QueueTable now={now} />
        </Card>
        <div className="halves">
          <Card size="small" title={t('wall.waitingList')}>
            <WaitingTable now={now} />
          </Card>
          <Card size="small" title={t('wall.states')}>
            <AgentBoard now={now} />
          </Card>
        </div>
      </Page>
    </div>
  );
}
