import '../i18n/lists';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, DatePicker, Drawer, Flex, Select, type TableColumnsType, Tabs, Tooltip } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '../api/client';
import type { components } from '../api/schema';
import { Ask } from '../parts/ask';
import { CallTable } from '../parts/calltable';
import { PickQueue } from '../parts/filters';
import { AgentName, QueueName } from '../parts/names';
import { Page } from '../parts/page';
import { Paged } from '../parts/paged';
import { clock } from '../parts/time';
import { type Known, known, printed, type Span, whole } from './reportwords';

// A Drill is one count that was clicked: whose it is and of what time.
interface Drill {
  figure: Known;
  span: Span;
  queue?: string;
  agent?: string;
  count: number;
}

const queueCounts: Known[] = [
  'offered',
  'answered',
  'answered_within',
  'abandoned',
  'abandoned_ring',
  'abandoned_ivr',
  'left',
  'missed',
  'transferred',
  'taken',
];
const queueRatios: Known[] = ['service_level', 'service_level_offered', 'abandon_rate', 'asa', 'aht', 'longest_wait'];
const agentCounts: Known[] = ['answered', 'missed', 'transferred', 'taken', 'came'];
const agentRatios: Known[] = ['aht', 'talk', 'ring'];

// Head is a figure's name with its formula.
function Head({ figure }: { figure: Known }) {
  const { t } = useTranslation();
  return (
    <Tooltip title={t(`fig.${figure}.how`)}>
      <span className="formula">{t(`fig.${figure}.name`)}</span>
    </Tooltip>
  );
}

type Line = { counts: Partial<Record<string, number>>; figures: Partial<Record<string, number>> };

// figureColumns are the columns of figures; a count that is not 0 opens its calls.
function figureColumns<R extends Line>(
  counts: Known[],
  ratios: Known[],
  open: (row: R, figure: Known, n: number) => void,
): TableColumnsType<R> {
  const count = (figure: Known) => ({
    key: figure as string,
    sorter: true,
    title: <Head figure={figure} />,
    className: 'num',
    align: 'right' as const,
    render: (_: unknown, r: R) => {
      const n = r.counts[figure] ?? 0;
      return n === 0 ? (
        0
      ) : (
        <Button type="link" size="small" style={{ padding: 0 }} onClick={() => open(r, figure, n)}>
          {n}
        </Button>
      );
    },
  });
  const ratio = (figure: Known) => ({
    key: figure as string,
    sorter: true,
    title: <Head figure={figure} />,
    className: 'num',
    align: 'right' as const,
    render: (_: unknown, r: R) => printed(figure, r.figures[figure]),
  });
  return [...counts.map(count), ...ratios.map(ratio)];
}

interface Chosen {
  span: Span;
  within: number;
  step: number;
  queue?: string;
}

type QueueRow = components['schemas']['ReportRow'];
type AgentRow = components['schemas']['ReportAgent'];

function QueueReport({ span, within, step, queue, drill }: Chosen & { drill: (d: Drill) => void }) {
  const { t } = useTranslation();
  const open = (r: QueueRow, figure: Known, count: number) =>
    drill({ figure, count, queue: r.queue || undefined, span: step === 0 ? span : whole(dayjs(r.at), step, span) });
  return (
    <Paged<QueueRow>
      name={['reports', 'queues', span, within, step, queue]}
      load={async (asked) => {
        const { rows, total } = await take(
          api.GET('/api/v1/reports/queues', { params: { query: { ...asked, ...span, within, step, queue } } }),
        );
        return { rows: rows ?? [], total };
      }}
      filtered={queue !== undefined}
      rowKey={(r) => `${r.at} ${r.queue}`}
      wide
      search={t('wall.queue')}
      none={t('report.none')}
      hint={t('calls.hint')}
      columns={[
        ...(step === 0
          ? []
          : [
              {
                key: 'at',
                title: t('report.span'),
                className: 'num',
                fixed: 'left' as const,
                render: (_: unknown, r: QueueRow) => dayjs(r.at).format('MM-DD HH:mm'),
              },
            ]),
        {
          key: 'queue',
          title: t('wall.queue'),
          fixed: 'left',
          sorter: true,
          render: (_, r) => (r.queue ? <QueueName id={r.queue} /> : <span className="quiet">{t('report.outside')}</span>),
        },
        ...figureColumns<QueueRow>(queueCounts, queueRatios, open),
      ]}
    />
  );
}

const states = ['ready', 'talking', 'wrap-up', 'not-ready', 'offered', 'missed', 'listening'] as const;

function AgentReport({ span, within, queue, drill }: Chosen & { drill: (d: Drill) => void }) {
  const { t } = useTranslation();
  const open = (r: AgentRow, figure: Known, count: number) => drill({ figure, count, agent: r.agent, span, queue });
  return (
    <Paged<AgentRow>
      name={['reports', 'agents', span, within, queue]}
      load={async (asked) => {
        const { agents, total } = await take(
          api.GET('/api/v1/reports/agents', { params: { query: { ...asked, ...span, within, queue } } }),
        );
        return { rows: agents ?? [], total };
      }}
      filtered={queue !== undefined}
      rowKey="agent"
      wide
      search={t('agents.name')}
      none={t('report.noneAgents')}
      hint={t('calls.hint')}
      columns={[
        { key: 'agent', title: t('agents.name'), fixed: 'left', sorter: true, render: (_, r) => <AgentName id={r.agent} /> },
        ...figureColumns<AgentRow>(agentCounts, agentRatios, open),
        {
          key: 'occupancy',
          title: <Head figure="occupancy" />,
          className: 'num',
          align: 'right',
          sorter: true,
          render: (_, r) => printed('occupancy', r.occupancy),
        },
        ...states.map((s) => ({
          key: `state.${s}`,
          title: t('report.spent', { state: t(`state.${s}`) }),
          className: 'num',
          align: 'right' as const,
          sorter: true,
          render: (_: unknown, r: AgentRow) => clock((r.states[s] ?? 0) * 1000),
        })),
      ]}
    />
  );
}

const perPage = 50; // calls shown of a count, and so many more with each click

// Behind is the calls that a count is made of.
function Behind({ drill, within, close }: { drill: Drill; within: number; close: () => void }) {
  const { t } = useTranslation();
  const { figure, span, queue, agent, count } = drill;
  const query = useInfiniteQuery({
    queryKey: ['reports', 'calls', drill, within],
    initialPageParam: 0,
    queryFn: async ({ pageParam: offset }) => {
      const asked = { ...span, within, queue, agent, figure, offset, limit: perPage };
      const { calls, total } = await take(api.GET('/api/v1/reports/calls', { params: { query: asked } }));
      const one = (id: string) => take(api.GET('/api/v1/calls/{id}', { params: { path: { id } } }));
      return { calls: await Promise.all((calls ?? []).map(one)), next: offset + perPage < total ? offset + perPage : undefined };
    },
    getNextPageParam: (page) => page.next,
  });
  return (
    <Drawer open size={900} title={t('report.callsOf', { what: t(`fig.${figure}.name`), n: count })} onClose={close}>
      <p className="quiet">{t(`fig.${figure}.how`)}</p>
      <Ask query={query}>
        {(data) => (
          <CallTable
            calls={data.pages.flatMap((p) => p.calls)}
            loading={query.isFetching && !query.isFetchingNextPage}
            more={query.hasNextPage ? () => void query.fetchNextPage() : undefined}
          />
        )}
      </Ask>
    </Drawer>
  );
}

function Formulas() {
  const { t } = useTranslation();
  return (
    <details style={{ marginTop: 12 }}>
      <summary className="quiet">{t('report.formulas')}</summary>
      <dl className="formulas">
        {known.map((f) => (
          <div key={f}>
            <dt>{t(`fig.${f}.name`)}</dt>
            <dd className="quiet">{t(`fig.${f}.how`)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

// Reports are the figures of a time by queue and by agent; a click on a count shows its calls.
export default function Reports() {
  const { t } = useTranslation();
  const [days, setDays] = useState<[Dayjs, Dayjs]>(() => [dayjs().startOf('day'), dayjs().endOf('day')]);
  const [tab, setTab] = useState('queues');
  const [chosen, choose] = useState({ within: 20, step: 0, queue: undefined as string | undefined });
  const [drill, setDrill] = useState<Drill>();
  const span = { from: days[0].toISOString(), to: days[1].toISOString() };
  const query = new URLSearchParams({ ...span, within: String(chosen.within), ...(chosen.queue ? { queue: chosen.queue } : {}) });
  if (tab === 'queues') query.set('step', String(chosen.step));
  return (
    <Page title={t('report.title')} extra={<Button href={`/api/v1/reports/${tab}.csv?${query}`}>{t('act.export')}</Button>}>
      <Flex gap={8} wrap align="center" role="search">
        <DatePicker.RangePicker
          allowClear={false}
          value={days}
          presets={[
            { label: t('common.today'), value: [dayjs().startOf('day'), dayjs().endOf('day')] },
            { label: t('common.lastDays', { n: 7 }), value: [dayjs().subtract(6, 'day').startOf('day'), dayjs().endOf('day')] },
          ]}
          disabledDate={(d, { from }) => (from ? Math.abs(d.diff(from, 'day')) > 90 : false)}
          onChange={(v) => v?.[0] && v[1] && setDays([v[0].startOf('day'), v[1].endOf('day')])}
        />
        <PickQueue
          label={t('wall.queue')}
          none={t('report.total')}
          value={chosen.queue}
          onChange={(queue) => choose({ ...chosen, queue })}
        />
        <Select
          style={{ width: 230 }}
          aria-label={t('report.within')}
          value={chosen.within}
          onChange={(within) => choose({ ...chosen, within })}
          options={[10, 15, 20, 30, 60].map((n) => ({ value: n, label: `${t('report.within')} = ${t('common.seconds', { n })}` }))}
        />
        {tab === 'queues' ? (
          <Select
            style={{ width: 120 }}
            aria-label={t('report.step')}
            value={chosen.step}
            onChange={(step) => choose({ ...chosen, step })}
            options={[0, 15, 30, 60].map((n) => ({ value: n, label: n === 0 ? t('report.whole') : t('report.minutes', { n }) }))}
          />
        ) : null}
      </Flex>
      <Tabs
        activeKey={tab}
        onChange={setTab}
        items={[
          { key: 'queues', label: t('report.queues'), children: <QueueReport span={span} {...chosen} drill={setDrill} /> },
          { key: 'agents', label: t('report.agents'), children: <AgentReport span={span} {...chosen} drill={setDrill} /> },
        ]}
      />
      <Formulas />
      {drill ? <Behind drill={drill} within={chosen.within} close={() => setDrill(undefined)} /> : null}
    </Page>
  );
}
