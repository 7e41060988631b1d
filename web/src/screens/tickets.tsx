import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Drawer, Flex, Form, Input, Select, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { api, may, type Ticket, take } from '../api/client';
import { Ask, Nothing } from '../parts/ask';
import { More, PickAgent, Seek } from '../parts/filters';
import { FormModal } from '../parts/formmodal';
import { AgentName } from '../parts/names';
import { Num } from '../parts/number';
import { Page } from '../parts/page';
import { sorted, sortOf } from '../parts/sorting';
import { type Origin, type State, states, TicketTag, type Urgency, UrgencyTag, urgencies } from '../parts/tickettag';
import { stamp } from '../parts/time';
import { useMe } from '../session';
import { TicketForm } from './ticketform';

interface Listed {
  tickets: Ticket[];
  loading?: boolean;
  narrowed: boolean;
  sort: string;
  onSort: (sort?: string) => void;
}

// TicketTable lists tickets in the order in which they come.
function TicketTable({ tickets, loading, narrowed, sort, onSort }: Listed) {
  const { t } = useTranslation();
  const columns = [
    {
      ...sorted('number', sort),
      title: t('tickets.number'),
      width: 132,
      className: 'num',
      render: (_: unknown, k: Ticket) => <Link to={`/tickets/${k.id}`}>{k.number}</Link>,
    },
    { title: t('tickets.state'), width: 124, render: (_: unknown, k: Ticket) => <TicketTag ticket={k} /> },
    {
      ...sorted('urgency', sort),
      title: t('tickets.urgency'),
      width: 100,
      render: (_: unknown, k: Ticket) => <UrgencyTag ticket={k} />,
    },
    {
      title: t('tickets.caller'),
      width: 136,
      className: 'num',
      render: (_: unknown, k: Ticket) => <Num value={k.caller || '–'} ticket={k.id} />,
    },
    { title: t('tickets.topic'), dataIndex: 'topic', width: 96, ellipsis: true },
    { title: t('tickets.subject'), dataIndex: 'subject', ellipsis: true },
    {
      title: t('tickets.assignee'),
      width: 130,
      render: (_: unknown, k: Ticket) =>
        k.assignee ? <AgentName id={k.assignee} /> : <span className="quiet">{t('tickets.unassigned')}</span>,
    },
    { title: t('tickets.origin'), width: 116, render: (_: unknown, k: Ticket) => t(`tickets.${k.origin as Origin}`) },
    {
      ...sorted('updated', sort),
      title: t('tickets.updated'),
      className: 'num',
      width: 130,
      render: (_: unknown, k: Ticket) => stamp(k.updatedAt),
    },
  ];
  return (
    <Table
      size="small"
      rowKey="id"
      loading={loading}
      dataSource={tickets}
      pagination={false}
      columns={columns}
      onChange={(_, __, s) => onSort(sortOf(s))}
      locale={{
        emptyText: (
          <Nothing text={t(narrowed ? 'common.noMatch' : 'tickets.none')} hint={t(narrowed ? 'calls.hint' : 'tickets.noneHint')} />
        ),
      }}
    />
  );
}

function OneTicket({ id }: { id: string }) {
  const go = useNavigate();
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['tickets', 'one', id],
    queryFn: () => take(api.GET('/api/v1/tickets/{id}', { params: { path: { id } } })),
  });
  return (
    <Drawer
      open
      size={560}
      title={query.data ? `${t('tickets.one')} ${query.data.number}` : t('tickets.one')}
      onClose={() => go('/tickets')}
    >
      <Ask query={query}>{(ticket) => <TicketForm ticket={ticket} />}</Ask>
    </Drawer>
  );
}

function NewTicket() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const make = async (body: { subject: string; caller?: string; note?: string; urgency?: Urgency }) => {
    try {
      await api.POST('/api/v1/tickets', { body });
      setOpen(false);
      await client.invalidateQueries({ queryKey: ['tickets'] });
    } catch (err) {
      message.error((err as Error).message);
    }
  };
  return (
    <>
      <Button type="primary" onClick={() => setOpen(true)}>
        {t('tickets.new')}
      </Button>
      <FormModal open={open} title={t('tickets.new')} onFinish={make} onCancel={() => setOpen(false)} initialValues={{ urgency: 'normal' }}>
        <Form.Item name="subject" label={t('tickets.subject')} rules={[{ required: true, message: '' }]}>
          <Input autoFocus maxLength={200} />
        </Form.Item>
        <Form.Item name="caller" label={t('tickets.caller')}>
          <Input maxLength={60} />
        </Form.Item>
        <Form.Item name="urgency" label={t('tickets.urgency')}>
          <Select options={urgencies.map((u) => ({ value: u, label: t(`tickets.${u}`) }))} />
        </Form.Item>
        <Form.Item name="note" label={t('tickets.notes')}>
          <Input.TextArea rows={3} maxLength={4000} />
        </Form.Item>
      </FormModal>
    </>
  );
}

// texts are what narrows the list beside the state, as the server calls it.
const seldom = ['topic', 'team'] as const;
const texts = ['text', 'number', 'caller', 'assignee', ...seldom] as const;
type Text = (typeof texts)[number];

// Tickets is the search over all tickets, and one of them beside it.
export default function Tickets() {
  const { t } = useTranslation();
  const { id } = useParams();
  const me = useMe();
  const [params, setParams] = useSearchParams();
  const state = params.get('state') ?? undefined;
  const sort = params.get('sort') ?? '-number';
  const mine = params.get('mine') === '1' && me.agent ? me.agent : undefined;
  const wide = may(me, 'supervisor');
  const said: Partial<Record<Text, string>> = {};
  for (const k of texts) said[k] = params.get(k) ?? undefined;
  const narrowed = state !== undefined || mine !== undefined || texts.some((k) => said[k]);
  const query = useInfiniteQuery({
    queryKey: ['tickets', 'list', state, mine, said, sort],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/tickets', {
          params: {
            query: {
              ...said,
              state: state?.split(',') as State[] | undefined,
              assignee: mine ?? said.assignee,
              sort: sort as '-number',
              before: pageParam || undefined,
              limit: 50,
            },
          },
          querySerializer: { array: { style: 'form', explode: false } },
        }),
      ),
    getNextPageParam: (page) => page.next,
  });
  const set = (key: string, value?: string) =>
    setParams((old) => {
      if (value) old.set(key, value);
      else old.delete(key);
      return old;
    });
  return (
    <Page title={t('tickets.title')} extra={<NewTicket />}>
      <Flex gap={8} wrap style={{ marginBottom: 12 }} role="search">
        <Select
          allowClear
          mode="multiple"
          maxTagCount="responsive"
          style={{ width: 180 }}
          placeholder={t('tickets.state')}
          aria-label={t('tickets.state')}
          value={state?.split(',')}
          onChange={(v: string[]) => set('state', v.join(','))}
          options={states.map((s) => ({ value: s, label: t(`tickets.${s}`) }))}
        />
        <Seek label={t('tickets.text')} max={30} width={180} value={said.text} onSearch={(v) => set('text', v)} />
        <Seek label={t('tickets.number')} max={30} width={130} value={said.number} onSearch={(v) => set('number', v)} />
        {wide ? <Seek label={t('tickets.caller')} max={30} width={140} value={said.caller} onSearch={(v) => set('caller', v)} /> : null}
        <PickAgent
          label={t('tickets.assignee')}
          value={said.assignee}
          onChange={(v) => set('assignee', v)}
          others={[{ value: 'none', label: t('tickets.unassigned') }]}
        />
        <More count={seldom.filter((k) => said[k]).length}>
          <Seek label={t('tickets.topic')} max={30} width={220} value={said.topic} onSearch={(v) => set('topic', v)} />
          <Seek label={t('tickets.team')} max={30} width={220} value={said.team} onSearch={(v) => set('team', v)} />
        </More>
        {me.agent ? (
          <Button type={mine ? 'primary' : 'default'} onClick={() => set('mine', mine ? undefined : '1')}>
            {t('tickets.mine')}
          </Button>
        ) : null}
        <Button onClick={() => query.refetch()}>{t('act.refresh')}</Button>
      </Flex>
      <Ask query={query}>
        {(data) => (
          <TicketTable
            tickets={data.pages.flatMap((p) => p.tickets ?? [])}
            loading={query.isFetching && !query.isFetchingNextPage}
            narrowed={narrowed}
            sort={sort}
            onSort={(s) => set('sort', s)}
          />
        )}
      </Ask>
      {query.hasNextPage ? (
        <Button block type="text" onClick={() => void query.fetchNextPage()} style={{ marginTop: 8 }}>
          {t('act.more')}
        </Button>
      ) : null}
      {id ? <OneTicket id={id} /> : null}
    </Page>
  );
}
