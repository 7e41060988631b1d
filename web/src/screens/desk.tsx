import { FileAddOutlined, SelectOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Card, Tabs } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { api, Problem, take } from '../api/client';
import { useMine } from '../mine';
import { Ask, Nothing } from '../parts/ask';
import { Page } from '../parts/page';
import { useMe } from '../session';
import { Current } from './deskcall';
import { MyCalls, MyTickets } from './desklists';
import { Disposition, WrapUp } from './deskwrap';
import { Watched } from './follow';
import { Script } from './script';
import { TicketForm } from './ticketform';

// CallTicket is the ticket of a call to work on, or a way to make one.
function CallTicket({ id }: { id: string }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const me = useMe();
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
  const make = async () => {
    try {
      await api.POST('/api/v1/tickets', { body: { calls: [id], assignee: me.agent || me.id } });
    } catch (err) {
      message.error((err as Error).message);
    }
    await client.invalidateQueries({ queryKey: ['tickets'] });
  };
  if (query.data === undefined) return null;
  return (
    <Card size="small" title={query.data ? `${t('desk.ticketOf')} ${query.data.number}` : t('desk.ticketOf')}>
      <div style={{ display: 'grid', gap: 12 }}>
        <Disposition key={id} call={id} />
        {query.data ? (
          <TicketForm ticket={query.data} leave />
        ) : (
          <Button icon={<FileAddOutlined />} onClick={() => void make()}>
            {t('work.makeTicket')}
          </Button>
        )}
      </div>
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

// Desk is an agent's screen: the call of now with its ticket, the work after it, and the day's calls and open tickets.
export default function Desk() {
  const { t } = useTranslation();
  const { agent } = useMe();
  const { call, part, self } = useMine();
  const calls = useMyCalls(agent);
  const tickets = useMyTickets(agent);
  const talks = part?.connected !== undefined;
  const subject = (talks ? call?.call : undefined) ?? self?.wrapUp?.call;
  if (!agent)
    return (
      <Page title={t('desk.title')}>
        <Nothing text={t('state.noAgent')} />
      </Page>
    );
  const missed = calls.data?.calls?.filter((c) => c.agents?.some((p) => p.agent === agent && p.refused)) ?? [];
  const mine = <Ask query={tickets}>{(d) => <MyTickets tickets={d.tickets ?? []} />}</Ask>;
  const popup = () => window.open('/tickets?mine=1', 'hotline-tickets', 'popup,width=900,height=900');
  return (
    <Page
      title={t('desk.title')}
      extra={
        <Button icon={<SelectOutlined />} onClick={popup}>
          {t('work.popup')}
        </Button>
      }
    >
      <div className="split">
        <div style={{ display: 'grid', gap: 12 }}>
          <Watched call={call} self={self} />
          {call ? <Current key={call.call} c={call} part={part} self={self} /> : null}
          {call ? <Script key={`script ${call.call}`} call={call.call} /> : null}
          {self?.wrapUp && !talks ? <WrapUp self={self} /> : null}
          {call || self?.wrapUp ? null : (
            <Card size="small">
              <Nothing
                text={t('desk.idle')}
                hint={t(self?.state === 'ready' ? 'desk.readyHint' : self?.state === 'offline' ? 'desk.offlineHint' : 'desk.idleHint')}
              />
            </Card>
          )}
          <Card size="small">
            <Tabs
              size="small"
              items={[
                {
                  key: 'calls',
                  label: t('desk.calls'),
                  children: <Ask query={calls}>{(d) => <MyCalls calls={d.calls ?? []} agent={agent} none={t('desk.callsNone')} />}</Ask>,
                },
                {
                  key: 'missed',
                  label: `${t('desk.missed')} ${missed.length || ''}`,
                  children: <MyCalls calls={missed} agent={agent} none={t('desk.missedNone')} />,
                },
                ...(subject ? [{ key: 'tickets', label: t('desk.tickets'), children: mine }] : []), // else they are beside
              ]}
            />
          </Card>
        </div>
        {subject ? (
          <CallTicket key={subject} id={subject} />
        ) : (
          <Card size="small" title={t('desk.tickets')}>
            {mine}
          </Card>
        )}
      </div>
    </Page>
  );
}
