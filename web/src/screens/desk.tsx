import { useQuery } from '@tanstack/react-query';
import { Card, Descriptions, Tabs, Tag } from 'antd';
import dayjs from 'dayjs';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type CallRecord, Problem, take } from '../api/client';
import { useAgents, useLiveCalls } from '../live';
import { Ask, Nothing } from '../parts/ask';
import { CallTable } from '../parts/calltable';
import { Page } from '../parts/page';
import { clock, useNow } from '../parts/time';
import { useMe } from '../session';
import { TicketForm, TicketTable } from './tickets';

// useMine is the live call that rings or is talked on at the agent; undefined when there is none.
function useMine(agent?: string): CallRecord | undefined {
  const live = useLiveCalls().data ?? [];
  return live.find((c) => c.agents?.some((p) => p.agent === agent && !p.left && !p.refused));
}

function Current({ c, agent }: { c: CallRecord; agent: string }) {
  const { t } = useTranslation();
  const now = useNow();
  const part = c.agents?.findLast((p) => p.agent === agent);
  const talking = part?.connected !== undefined;
  const since = Date.parse(part?.connected ?? part?.offered ?? '');
  useEffect(() => {
    if (talking) return;
    const title = document.title;
    const timer = setInterval(() => {
      document.title = document.title === title ? `☎ ${t('desk.ringing')}` : title;
    }, 800);
    return () => {
      clearInterval(timer);
      document.title = title;
    };
  }, [talking, t]);
  return (
    <Card
      size="small"
      style={{ borderColor: talking ? '#1456d8' : '#d97706', borderWidth: 2 }}
      title={
        <span role="status" aria-live="assertive">
          {talking ? t('desk.talking') : t('desk.ringing')} <span className="num">{clock(now - since)}</span>
        </span>
      }
      extra={c.recordings?.length ? <Tag color="red">● {t('calls.record')}</Tag> : null}
    >
      <div className="num" style={{ fontSize: 28, fontWeight: 600 }}>
        {c.caller.e164 || c.caller.raw || t('common.unknown')}
      </div>
      <Descriptions
        size="small"
        column={2}
        items={[
          { key: 'region', label: t('desk.region'), children: c.region || '–' },
          { key: 'topic', label: t('desk.topic'), children: c.topic || '–' },
          { key: 'queue', label: t('desk.queue'), children: part?.queue || '–' },
          { key: 'wait', label: t('calls.wait'), children: <span className="num">{clock(c.waitMs)}</span> },
          { key: 'did', label: t('call.did'), children: c.did || '–' },
          { key: 'why', label: t('call.reason'), children: c.reason || '–' },
        ]}
      />
      <Link to={`/calls/${c.call}`}>{t('act.details')}</Link>
    </Card>
  );
}

function CallTicket({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['tickets', 'call', id],
    refetchInterval: 3_000,
    queryFn: async () => {
      try {
        return await take(api.GET('/api/v1/calls/{id}/ticket', { params: { path: { id } } }));
      } catch (err) {
        if (err instanceof Problem && err.status === 404) return null;
        throw err;
      }
    },
  });
  if (!query.data) return null;
  return (
    <Card size="small" title={`${t('desk.ticketOf')} ${query.data.number}`}>
      <TicketForm ticket={query.data} />
    </Card>
  );
}

function useMyCalls(agent?: string) {
  const from = dayjs().startOf('day').toISOString();
  return useQuery({
    queryKey: ['calls', 'mine', agent, from],
    enabled: agent !== undefined,
    refetchInterval: 10_000,
    queryFn: () => take(api.GET('/api/v1/calls', { params: { query: { agent, from, limit: 50 } } })),
  });
}

function useMyTickets(assignee?: string) {
  return useQuery({
    queryKey: ['tickets', 'mine', assignee],
    enabled: assignee !== undefined,
    refetchInterval: 10_000,
    queryFn: () =>
      take(
        api.GET('/api/v1/tickets', {
          params: { query: { assignee, state: ['pending', 'working', 'escalated'], limit: 50 } },
          querySerializer: { array: { style: 'form', explode: false } },
        }),
      ),
  });
}

// Desk is an agent's screen: the call of now with its ticket, and the day's calls and open tickets.
export default function Desk() {
  const { t } = useTranslation();
  const { agent } = useMe();
  const call = useMine(agent);
  const self = useAgents().data?.find((a) => a.id === agent);
  const calls = useMyCalls(agent);
  const tickets = useMyTickets(agent);
  const wrapping = self?.state === 'wrap-up' ? calls.data?.calls?.[0]?.call : undefined;
  const subject = call?.call ?? wrapping;
  if (!agent)
    return (
      <Page title={t('desk.title')}>
        <Nothing text={t('state.noAgent')} />
      </Page>
    );
  const missed = calls.data?.calls?.filter((c) => c.agents?.some((p) => p.agent === agent && p.refused)) ?? [];
  return (
    <Page title={t('desk.title')} extra={<span className="quiet">{t('desk.keys')}</span>}>
      <div className="split">
        <div style={{ display: 'grid', gap: 12 }}>
          {call ? (
            <Current c={call} agent={agent} />
          ) : (
            <Card size="small">
              <Nothing text={t('desk.idle')} hint={t('desk.idleHint')} />
            </Card>
          )}
          <Card size="small">
            <Tabs
              size="small"
              items={[
                {
                  key: 'calls',
                  label: t('desk.calls'),
                  children: <Ask query={calls}>{(d) => <CallTable brief calls={d.calls ?? []} />}</Ask>,
                },
                { key: 'missed', label: `${t('desk.missed')} ${missed.length || ''}`, children: <CallTable brief calls={missed} /> },
                {
                  key: 'tickets',
                  label: t('desk.tickets'),
                  children: <Ask query={tickets}>{(d) => <TicketTable brief tickets={d.tickets ?? []} />}</Ask>,
                },
              ]}
            />
          </Card>
        </div>
        {subject ? (
          <CallTicket id={subject} />
        ) : (
          <Card size="small" title={t('desk.tickets')}>
            <Ask query={tickets}>{(d) => <TicketTable brief tickets={d.tickets ?? []} />}</Ask>
          </Card>
        )}
      </div>
    </Page>
  );
}
