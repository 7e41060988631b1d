import '../i18n/kinds';
import { useQuery } from '@tanstack/react-query';
import { Card, Descriptions, Table, Tabs, Tag, Timeline, Typography } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, type CallRecord, type Fact, may, Problem, type Recording, take } from '../api/client';
import { useAgentNames } from '../live';
import { Ask, Nothing } from '../parts/ask';
import type { Mark } from '../parts/marks';
import { AgentName, QueueName, TrunkName } from '../parts/names';
import { said } from '../parts/number';
import { Page } from '../parts/page';
import { Player } from '../parts/player';
import { national, regionOf } from '../parts/region';
import { ResultTag } from '../parts/result';
import { clock, stamp, useNow } from '../parts/time';
import { waited } from '../parts/waited';
import { begun, useCode, useWhy } from '../parts/why';
import { useMe } from '../session';

type Known = keyof typeof import('../i18n/zh').zh.fact;
type Type = keyof typeof import('../i18n/kinds.zh').kindsZh.kind;

function useCall(id: string) {
  return useQuery({
    queryKey: ['call', id],
    queryFn: () => take(api.GET('/api/v1/calls/{id}', { params: { path: { id } } })),
    refetchInterval: (q) => (q.state.data?.ended ? false : 2_000),
  });
}

function Summary({ c }: { c: CallRecord }) {
  const { t } = useTranslation();
  const code = useCode();
  const why = useWhy();
  const now = useNow(!c.ended);
  const party = (p: CallRecord['caller']) => (
    <span key={p.raw} className="num keep">
      {said(t, p.e164 || p.raw)}
    </span>
  );
  const items = [
    [t('calls.started'), stamp(c.started)],
    [t('calls.result'), <ResultTag key="r" record={c} />],
    [t('calls.caller'), party(c.caller)],
    [t('calls.region'), c.region ? `${regionOf(c.region)} ${t('call.sure', { n: c.confidence ?? 0 })}` : '–'],
    [
      t('call.did'),
      c.did ? (
        <span key="d" className="num keep">
          {c.did}
        </span>
      ) : (
        party(c.called)
      ),
    ],
    [t('calls.topic'), c.topic || '–'],
    [t('calls.wait'), c.queued ? clock(waited(c, now)) : '–'],
    [t('calls.talk'), c.talked ? clock(c.talkMs) : '–'],
    [t('call.hold'), clock(c.holdMs)],
    [t('call.wrap'), clock(c.wrapMs)],
    [t('calls.duration'), clock(c.ended || !c.started ? c.durationMs : now - Date.parse(c.started))],
    [t('call.hungUp'), t(`call.side.${(c.hungUp ?? '') as 'caller' | 'agent' | 'system' | ''}`)],
    [t('call.cause'), c.cause ? `${begun(code(c.cause))}${c.sip ? ` · SIP ${c.sip}` : ''}` : '–'],
    ...(may(useMe(), 'supervisor')
      ? ([
          [t('call.trunk'), c.trunk ? <TrunkName key="t" id={c.trunk} /> : '–'],
          [t('call.flow'), c.flow ? `${c.flow} v${c.flowVersion ?? 0}` : '–'],
        ] as const)
      : []),
    [t('call.reason'), begun(why(c)) || '–'],
  ] as const;
  return (
    <Card size="small">
      <Descriptions
        size="small"
        column={{ xs: 1, sm: 2, xl: 4 }}
        items={items.map(([label, children], i) => ({ key: i, label, children, span: i < items.length - 2 ? 1 : 'filled' }))} // a sentence has its own line
      />
      <div className="quiet mono">
        {t('call.id')} <Typography.Text copyable>{c.call}</Typography.Text>
      </div>
    </Card>
  );
}

// marked are the kinds of facts that are marks of a recording.
const marked = [
  'connected',
  'held',
  'resumed',
  'transferred',
  'consulted',
  'muted',
  'unmuted',
  'parked',
  'unparked',
  'joined',
  'supervised',
  'leg-ended',
];

function Recordings({ c }: { c: CallRecord }) {
  const { t } = useTranslation();
  const id = c.call;
  const facts = useFacts(c);
  const code = useCode();
  const agentName = useAgentNames();
  const marks = (recording: Recording): Mark[] =>
    (facts.data ?? [])
      .filter((f) => marked.includes(f.kind))
      .map((f) => ({
        at: (Date.parse(f.at) - Date.parse(recording.started)) / 1000,
        what: [t(`fact.${f.kind as Known}`), f.kind === 'supervised' ? code(f.reason) : agentName(f.agent)].filter(Boolean).join(' '),
      }));
  const query = useQuery({
    queryKey: ['recordings', id],
    queryFn: () => take(api.GET('/api/v1/recordings', { params: { query: { call: id } } })),
  });
  return (
    <Card size="small" title={t('call.recordings')}>
      <Ask query={query}>
        {(rows) =>
          rows?.length ? (
            rows.map((r) => (
              <div key={r.id} style={{ marginBottom: 12 }}>
                {r.dropped ? <Tag color="orange">{t('call.lost')}</Tag> : null}
                {r.state === 'lost' ? <Nothing text={t('player.broken')} /> : <Player recording={r} marks={marks(r)} />}
              </div>
            ))
          ) : (
            <Nothing text={t('call.noRecording')} />
          )
        }
      </Ask>
    </Card>
  );
}

// Detail is what a fact has beside its kind.
function Detail({ f }: { f: Fact }) {
  const code = useCode();
  const why = useWhy();
  const { t } = useTranslation('kinds');
  const type = (node?: string) => node && t(`kind.${node as Type}`, { defaultValue: node });
  const parts = [
    f.agent ? <AgentName key="agent" id={f.agent} /> : '',
    f.queue ? <QueueName key="queue" id={f.queue} /> : '',
    f.trunk && !f.reason ? <TrunkName key="trunk" id={f.trunk} /> : '', // else the reason has it
    f.node,
    f.topic,
    f.reason ? '' : f.rule,
    f.to ? <AgentName key="to" id={national(f.to)} /> : '', // an agent, or a number
    f.kind === 'entered' ? type(f.reason) : why(f),
    code(f.cause),
    code(f.side),
  ].filter(Boolean);
  return parts.map((part, i) => (i ? [' · ', part] : part));
}

function Course({ facts }: { facts: Fact[] }) {
  const { t, i18n } = useTranslation();
  const first = Date.parse(facts[0]?.at ?? '');
  const name = (kind: string) => (i18n.exists(`fact.${kind}`) ? t(`fact.${kind as Known}`) : kind);
  return (
    <Timeline
      items={facts.map((f) => ({
        key: f.seq,
        color: f.kind === 'connected' ? 'green' : f.kind.startsWith('recording-lost') || f.kind === 'refused' ? 'red' : 'blue',
        content: (
          <span>
            <span className="num quiet">+{clock(Date.parse(f.at) - first)}</span> <b>{name(f.kind)}</b> <Detail f={f} />
          </span>
        ),
      }))}
    />
  );
}

function Legs({ c }: { c: CallRecord }) {
  const { t } = useTranslation();
  const code = useCode();
  return (
    <Table
      size="small"
      rowKey="leg"
      pagination={false}
      dataSource={c.legs ?? []}
      columns={[
        {
          title: t('call.legs'),
          render: (_, l) => {
            if (l.agent) return <AgentName id={l.agent} />;
            return l.leg === 'caller' ? t('call.side.caller') : <TrunkName id={l.trunk || l.leg} />;
          },
        },
        { title: t('call.cause'), render: (_, l) => `${begun(code(l.cause))}${l.sip ? ` (${l.sip})` : ''}` },
        { title: t('call.codec'), render: (_, l) => l.quality?.codec },
        {
          title: t('call.loss'),
          className: 'num',
          align: 'right',
          render: (_, l) => (l.quality ? `${l.quality.lossPct.toFixed(1)}%` : '–'),
        },
        {
          title: t('call.jitter'),
          className: 'num',
          align: 'right',
          render: (_, l) => (l.quality ? `${(l.quality.jitterNs / 1e6).toFixed(1)} ms` : '–'),
        },
        { title: t('call.mos'), className: 'num', align: 'right', render: (_, l) => l.quality?.mos?.toFixed(1) ?? '–' },
      ]}
    />
  );
}

function Ladder({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['ladder', id],
    queryFn: () => take(api.GET('/api/v1/calls/{id}/ladder', { params: { path: { id } } })),
  });
  return (
    <Ask query={query}>
      {(messages) =>
        messages?.length ? (
          <div className="ladder">
            {messages.map((m, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the messages are a list that only grows at its end
              <div key={i}>
                <div className="num quiet">
                  {stamp(m.at)} {m.out ? '→' : '←'} {m.peer}
                </div>
                <pre className="mono">{m.raw}</pre>
              </div>
            ))}
          </div>
        ) : (
          <Nothing text={t('call.ladderGone')} />
        )
      }
    </Ask>
  );
}

function TicketOf({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['call', id, 'ticket'],
    queryFn: async () => {
      try {
        return await take(api.GET('/api/v1/calls/{id}/ticket', { params: { path: { id } } }));
      } catch (err) {
        if (err instanceof Problem && err.status === 404) return null;
        throw err;
      }
    },
  });
  return (
    <Card size="small" title={t('call.ticket')}>
      <Ask query={query}>
        {(ticket) =>
          ticket ? (
            <Link to={`/tickets/${ticket.id}`}>
              {ticket.number} · {t(`tickets.${ticket.state as 'pending'}`)} {ticket.subject}
            </Link>
          ) : (
            <Nothing text={t('call.noTicket')} />
          )
        }
      </Ask>
    </Card>
  );
}

// useFacts are the facts of a call, which supervisors see.
function useFacts(c: CallRecord) {
  const allowed = may(useMe(), 'supervisor');
  return useQuery({
    queryKey: ['facts', c.call, c.facts],
    enabled: allowed,
    queryFn: () => take(api.GET('/api/v1/calls/{id}/facts', { params: { path: { id: c.call } } })),
  });
}

function Inside({ c }: { c: CallRecord }) {
  const { t } = useTranslation();
  const facts = useFacts(c);
  return (
    <Card size="small">
      <Tabs
        size="small"
        items={[
          { key: 'course', label: t('call.course'), children: <Ask query={facts}>{(f) => <Course facts={f ?? []} />}</Ask> },
          { key: 'legs', label: t('call.quality'), children: <Legs c={c} /> },
          { key: 'ladder', label: t('call.ladder'), children: <Ladder id={c.call} /> },
        ]}
      />
    </Card>
  );
}

// OneCall is all that is known of a call.
export default function OneCall() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const me = useMe();
  const query = useCall(id);
  return (
    <Page title={t('call.title')} extra={<Link to="/calls">{t('calls.title')}</Link>}>
      <Ask query={query}>
        {(c) => (
          <div style={{ display: 'grid', gap: 12 }}>
            <Summary c={c} />
            <Recordings c={c} />
            <div className="split">
              {may(me, 'supervisor') ? (
                <Inside c={c} />
              ) : (
                <Card size="small" title={t('call.quality')}>
                  <Legs c={c} />
                </Card>
              )}
              <TicketOf id={id} />
            </div>
          </div>
        )}
      </Ask>
    </Page>
  );
}
