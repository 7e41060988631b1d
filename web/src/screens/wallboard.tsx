import { FullscreenExitOutlined, FullscreenOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Card, Flex, Table } from 'antd';
import dayjs from 'dayjs';
import { memo, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { type Agent, type AgentState, api, take } from '../api/client';
import { useAgents, useLiveCalls, useQueueName, useQueues, useWaiting } from '../live';
import { Nothing } from '../parts/ask';
import { Page } from '../parts/page';
import { useSeen } from '../parts/seen';
import { Since } from '../parts/since';
import { shownState, stateColour } from '../parts/state';
import { clock, useNow } from '../parts/time';
import { chime } from './alarm';
import { CloseButton, Closed } from './closings';
import { figures } from './figures';
import { type Board, type Figure, type Mood, mood, worsened } from './thresholds';
import { Limits, useBoard } from './wallsettings';

function Tile({ what, figure, mood = '', how }: { what: string; figure: string | number; mood?: Mood; how?: string }) {
  return (
    <div className={`tile ${mood}`}>
      <div className="what">{what}</div>
      <div className="figure">{figure}</div>
      {how ? <div className="how">{how}</div> : null}
    </div>
  );
}

function useToday(within: number) {
  const from = dayjs().startOf('day');
  return useQuery({
    queryKey: ['reports', 'today', within, from.toISOString()],
    queryFn: () =>
      take(
        api.GET('/api/v1/reports/queues', {
          params: { query: { from: from.toISOString(), to: from.add(1, 'day').toISOString(), within, step: 0, limit: 1000, open: true } },
        }),
      ),
    refetchInterval: 15_000,
  });
}

// useAlarm sounds when a figure becomes bad, if the board may.
function useAlarm(moods: Partial<Record<Figure, Mood>>, on: boolean) {
  const before = useRef<Partial<Record<Figure, Mood>>>({});
  useEffect(() => {
    if (on && worsened(before.current, moods).length > 0) void chime();
    before.current = moods;
  });
}

const percent = (n?: number) => (n === undefined ? '–' : `${Math.round(n * 100)}%`);

function Figures({ board }: { board: Board }) {
  const { t } = useTranslation();
  const now = useNow();
  const queues = useQueues().data ?? [];
  const agents = useAgents().data ?? [];
  const live = useLiveCalls().data ?? [];
  const day = useToday(board.within).data;
  const f = figures(day?.rows ?? []);
  const waiting = useWaiting().data?.length ?? 0; // not the sum of the queues: who waits in two of them is one caller
  const first = Math.min(...queues.map((q) => (q.longestSince ? Date.parse(q.longestSince) : Number.POSITIVE_INFINITY)));
  const longest = Number.isFinite(first) ? now - first : 0;
  const count = (state: AgentState) => agents.filter((a) => a.state === state).length;
  const logged = agents.length - count('offline');
  const moods: Partial<Record<Figure, Mood>> = {
    waiting: mood('waiting', waiting, board),
    longest: mood('longest', waiting > 0 ? longest / 1000 : undefined, board),
    ready: mood('ready', logged > 0 ? count('ready') : undefined, board),
    level: mood('level', f.level === undefined ? undefined : f.level * 100, board),
    abandon: mood('abandon', f.abandon === undefined ? undefined : f.abandon * 100, board),
    asa: mood('asa', f.asa, board),
  };
  useAlarm(moods, board.sound);
  return (
    <div className="tiles" aria-live="off">
      <Tile what={t('wall.waiting')} figure={waiting} mood={moods.waiting} />
      <Tile what={t('wall.longest')} figure={clock(longest)} mood={moods.longest} />
      <Tile what={t('wall.talking')} figure={agents.filter((a) => shownState(a) === 'talking').length} />
      <Tile what={t('wall.ready')} figure={count('ready')} mood={moods.ready} />
      <Tile what={t('wall.logged')} figure={logged} />
      <Tile what={t('wall.live')} figure={live.length} />
      <Tile what={t('wall.calls')} figure={f.offered} />
      <Tile what={t('wall.level')} how={t('wall.levelHow', { t: board.within })} figure={percent(f.level)} mood={moods.level} />
      <Tile what={t('wall.abandoned')} how={t('wall.abandonHow')} figure={`${f.abandoned} · ${percent(f.abandon)}`} mood={moods.abandon} />
      <Tile what={t('wall.asa')} how={t('wall.asaHow')} figure={f.asa === undefined ? '–' : clock(f.asa * 1000)} mood={moods.asa} />
    </div>
  );
}

function QueueTable() {
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
      locale={{ emptyText: <Nothing text={t('wall.noQueues')} hint={t('wall.noQueuesHint')} /> }}
      columns={[
        { title: t('wall.queue'), render: (_, q) => q.name || q.id },
        { title: t('wall.waiting'), dataIndex: 'waiting', className: 'num', align: 'right' },
        {
          title: t('wall.longest'),
          className: 'num',
          align: 'right',
          render: (_, q) => (q.longestSince ? <Since at={q.longestSince} /> : '–'),
        },
        ...states.map((s) => ({
          title: (
            <>
              <span className="dot" style={{ background: stateColour[s] }} /> {t(`state.${s}`)}
            </>
          ),
          className: 'num',
          align: 'right' as const,
          render: (_: unknown, q: { agents: Record<string, number | undefined> }) => q.agents[s] ?? 0,
        })),
      ]}
    />
  );
}

function WaitingTable() {
  const { t } = useTranslation();
  const waiting = useWaiting();
  const queueName = useQueueName();
  const agents = useAgents().data;
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
        { title: t('wall.queue'), render: (_, w) => queueName(w.queue) },
        { title: t('wall.priority'), dataIndex: 'priority', className: 'num', align: 'right' },
        { title: t('calls.wait'), className: 'num', align: 'right', render: (_, w) => <Since at={w.since} /> },
        { title: t('wall.ringingAt'), render: (_, w) => agents?.find((a) => a.id === w.agent)?.name || w.agent },
        { title: t('common.actions'), render: (_, w) => <Link to={`/calls/${w.call}`}>{t('act.details')}</Link> },
      ]}
    />
  );
}

// Seat is one agent on the board. There may be a thousand, so it is plain, drawn anew only where the agent changed, and counts
// only while it is seen.
const Seat = memo(function Seat({ agent }: { agent: Agent }) {
  const { t } = useTranslation();
  const state = agent.state as AgentState;
  const [watch, seen] = useSeen();
  return (
    <div className="tile seat" ref={watch}>
      <div className="cut">{agent.name || agent.id}</div>
      <span className="seat-state" style={{ background: stateColour[state] }}>
        {t(`state.${shownState(agent)}`)} <Since at={agent.since} still={!seen} />
      </span>
    </div>
  );
});

function AgentBoard() {
  const { t } = useTranslation();
  const agents = useAgents().data ?? [];
  if (agents.length === 0) return <Nothing text={t('agents.none')} hint={t('agents.noneHint')} />;
  return (
    <div className="seats">
      {agents.map((a) => (
        <Seat key={a.id} agent={a} />
      ))}
    </div>
  );
}

// Wallboard is the figures of now and of the day, to be read across a room.
export default function Wallboard() {
  const { t } = useTranslation();
  const [full, setFull] = useState(false);
  const [board, keep] = useBoard();
  useEffect(() => {
    const left = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', left);
    return () => document.removeEventListener('fullscreenchange', left);
  }, []);
  const toggle = () => (full ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  const buttons = (
    <Flex gap={8}>
      <CloseButton />
      <Limits board={board} keep={keep} />
      <Button icon={full ? <FullscreenExitOutlined /> : <FullscreenOutlined />} onClick={() => void toggle()}>
        {t(full ? 'act.leaveFullScreen' : 'act.fullScreen')}
      </Button>
    </Flex>
  );
  return (
    <div className={full ? 'full' : ''}>
      <Page title={t('wall.title')} extra={buttons}>
        <Closed />
        <Figures board={board} />
        <Card size="small" style={{ marginBottom: 12 }}>
          <QueueTable />
        </Card>
        <div className="halves">
          <Card size="small" title={t('wall.waitingList')}>
            <WaitingTable />
          </Card>
          <Card size="small" title={t('wall.states')}>
            <AgentBoard />
          </Card>
        </div>
      </Page>
    </div>
  );
}
