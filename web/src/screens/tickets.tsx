import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Descriptions, Drawer, Flex, Form, Input, Modal, Select, Space, Table, Tag, Timeline } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { api, Problem, type Ticket, take } from '../api/client';
import { Ask, Nothing } from '../parts/ask';
import { keepDraft, readDraft } from '../parts/draft';
import { Num } from '../parts/number';
import { Page } from '../parts/page';
import { stamp } from '../parts/time';
import { useShortcut } from '../phone/keys';
import { useMe } from '../session';

const states = ['pending', 'working', 'solved', 'escalated', 'closed'] as const;
const urgencies = ['low', 'normal', 'high', 'urgent'] as const;
type State = (typeof states)[number];
type Urgency = (typeof urgencies)[number];
type Origin = 'manual' | 'answered' | 'abandoned' | 'voicemail' | 'low-rating';

const stateColours: Record<State, string> = { pending: 'orange', working: 'blue', solved: 'green', escalated: 'red', closed: 'default' };
const urgencyColours: Record<Urgency, string> = { low: 'default', normal: 'default', high: 'orange', urgent: 'red' };

export function TicketTag({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  return <Tag color={stateColours[ticket.state as State]}>{t(`tickets.${ticket.state as State}`)}</Tag>;
}

// TicketTable lists tickets, the newest first.
export function TicketTable({ tickets, loading, brief }: { tickets: Ticket[]; loading?: boolean; brief?: boolean }) {
  const { t } = useTranslation();
  const columns = [
    { title: t('tickets.number'), className: 'num', render: (_: unknown, k: Ticket) => <Link to={`/tickets/${k.id}`}>{k.number}</Link> },
    { title: t('tickets.state'), render: (_: unknown, k: Ticket) => <TicketTag ticket={k} /> },
    {
      title: t('tickets.urgency'),
      render: (_: unknown, k: Ticket) => <Tag color={urgencyColours[k.urgency as Urgency]}>{t(`tickets.${k.urgency as Urgency}`)}</Tag>,
    },
    {
      title: t('tickets.caller'),
      className: 'num',
      render: (_: unknown, k: Ticket) => <Num value={k.callerDisplay || k.caller || '–'} />,
    },
    { title: t('tickets.topic'), dataIndex: 'topic' },
    { title: t('tickets.subject'), key: 'wide', dataIndex: 'subject', ellipsis: true },
    {
      title: t('tickets.assignee'),
      key: 'wide',
      render: (_: unknown, k: Ticket) => k.assignee || <span className="quiet">{t('tickets.unassigned')}</span>,
    },
    { title: t('tickets.origin'), key: 'wide', render: (_: unknown, k: Ticket) => t(`tickets.${k.origin as Origin}`) },
    { title: t('tickets.updated'), className: 'num', render: (_: unknown, k: Ticket) => stamp(k.updatedAt) },
  ];
  return (
    <Table
      size="small"
      rowKey="id"
      loading={loading}
      dataSource={tickets}
      pagination={false}
      columns={brief ? columns.filter((c) => c.key !== 'wide') : columns}
      locale={{ emptyText: <Nothing text={t('tickets.none')} /> }}
    />
  );
}

// useChange changes a ticket; where somebody was faster it shows theirs.
function useChange(ticket: Ticket) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: ['tickets'] });
  const attempt = async (act: () => Promise<unknown>) => {
    try {
      await act();
    } catch (err) {
      const conflict = err instanceof Problem && err.status === 409;
      message.error(conflict ? `${t('tickets.conflict')} (${err.message})` : (err as Error).message);
      await renew();
      return false;
    }
    await renew();
    return true;
  };
  const path = { id: ticket.id };
  return {
    patch: (change: Partial<Pick<Ticket, 'state' | 'urgency' | 'assignee' | 'subject' | 'topic' | 'team'>>) =>
      attempt(() =>
        api.PATCH('/api/v1/tickets/{id}', { params: { path }, body: { ...(change as object), revision: ticket.revision } as never }),
      ),
    note: (text: string) => attempt(() => api.POST('/api/v1/tickets/{id}/notes', { params: { path }, body: { text } })),
  };
}

// useNote is a note being written: kept in this browser while it is, saved by done. Where a call's work ends with a draft left,
// leave says to save that too.
function useNote(of: string, save: (text: string) => Promise<boolean>, leave?: boolean) {
  const [text, setText] = useState(() => readDraft(of));
  const latest = useRef({ text, save });
  latest.current = { text, save };
  const write = (next: string) => {
    setText(next);
    keepDraft(of, next);
  };
  const done = async () => {
    if (text.trim() && (await save(text.trim()))) write('');
  };
  useEffect(() => {
    if (!leave) return;
    return () => {
      const { text, save } = latest.current;
      if (text.trim()) void save(text.trim()).then((ok) => ok && keepDraft(of, ''));
    };
  }, [leave, of]);
  return { text, write, done };
}

// NoteBox takes a note; Ctrl+Enter saves it.
export function NoteBox({ of, save, leave }: { of: string; save: (text: string) => Promise<boolean>; leave?: boolean }) {
  const { t } = useTranslation();
  const { text, write, done } = useNote(of, save, leave);
  const box = useRef<TextAreaRef>(null);
  useShortcut('notes', () => box.current?.focus());
  return (
    <div>
      <Space.Compact block style={{ alignItems: 'stretch' }}>
        <Input.TextArea
          ref={box}
          autoSize={{ minRows: 2, maxRows: 6 }}
          maxLength={4000}
          value={text}
          placeholder={t('desk.noteHint')}
          aria-label={t('tickets.notes')}
          onChange={(e) => write(e.target.value)}
          onKeyDown={(e) => e.key === 'Enter' && e.ctrlKey && void done()}
        />
        <Button type="primary" disabled={!text.trim()} onClick={() => void done()} style={{ height: 'auto' }}>
          {t('act.save')}
        </Button>
      </Space.Compact>
      {text.trim() ? (
        <div className="quiet" style={{ fontSize: 12 }} role="status">
          {t('work.draft')}
          {leave ? ` · ${t('work.draftKept')}` : ''}
        </div>
      ) : null}
    </div>
  );
}

// TicketForm is one ticket to read and to work on; leave: a draft of a note is saved when it goes.
export function TicketForm({ ticket, leave }: { ticket: Ticket; leave?: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  const { patch, note } = useChange(ticket);
  const mine = me.agent || me.id;
  return (
    <div style={{ display: 'grid', gap: 12 }}>
      <Flex gap={8} wrap>
        <Select
          aria-label={t('tickets.state')}
          value={ticket.state as State}
          style={{ width: 170 }}
          onChange={(state) => void patch({ state })}
          options={states.map((s) => ({ value: s, label: t(`tickets.${s}`) }))}
        />
        <Select
          aria-label={t('tickets.urgency')}
          value={ticket.urgency as Urgency}
          style={{ width: 90 }}
          onChange={(urgency) => void patch({ urgency })}
          options={urgencies.map((u) => ({ value: u, label: t(`tickets.${u}`) }))}
        />
        {ticket.assignee === mine ? null : <Button onClick={() => void patch({ assignee: mine })}>{t('tickets.mine')}</Button>}
      </Flex>
      <Input
        key={`subject-${ticket.revision}`}
        defaultValue={ticket.subject}
        maxLength={200}
        placeholder={t('tickets.subject')}
        aria-label={t('tickets.subject')}
        onBlur={(e) => e.target.value !== (ticket.subject ?? '') && void patch({ subject: e.target.value })}
        onPressEnter={(e) => e.currentTarget.blur()}
      />
      <Descriptions
        size="small"
        column={2}
        items={[
          {
            key: 1,
            label: t('tickets.caller'),
            children: <Num value={ticket.callerDisplay || ticket.caller || '–'} />,
          },
          { key: 2, label: t('calls.region'), children: ticket.region || '–' },
          { key: 3, label: t('tickets.topic'), children: ticket.topic || '–' },
          { key: 4, label: t('tickets.assignee'), children: ticket.assignee || t('tickets.unassigned') },
          { key: 5, label: t('tickets.origin'), children: t(`tickets.${ticket.origin as Origin}`) },
          { key: 6, label: t('tickets.created'), children: stamp(ticket.createdAt) },
          {
            key: 7,
            label: t('tickets.calls'),
            children: ticket.calls?.length
              ? ticket.calls.map((c, i) => (
                  <Link key={c} to={`/calls/${c}`} style={{ marginInlineEnd: 8 }}>
                    #{i + 1}
                  </Link>
                ))
              : '–',
          },
        ]}
      />
      <NoteBox key={ticket.id} of={ticket.id} save={note} leave={leave} />
      <Timeline
        items={[...(ticket.notes ?? [])].reverse().map((n) => ({
          key: n.at,
          content: (
            <>
              <div className="quiet num">{t('tickets.by', { who: n.by, when: stamp(n.at) })}</div>
              <div style={{ whiteSpace: 'pre-wrap' }}>{n.text}</div>
            </>
          ),
        }))}
      />
      <details>
        <summary className="quiet">{t('tickets.history')}</summary>
        {ticket.history?.map((h) => (
          <div key={h.at + h.what} className="num">
            {stamp(h.at)} {h.by} {h.what} {h.from ? `${h.from} → ` : ''}
            {h.to}
          </div>
        ))}
      </details>
    </div>
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
      title={query.data ? `${t('nav.tickets')} ${query.data.number}` : t('nav.tickets')}
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
      <Modal open={open} title={t('tickets.new')} footer={null} onCancel={() => setOpen(false)} destroyOnHidden>
        <Form layout="vertical" onFinish={make} initialValues={{ urgency: 'normal' }}>
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
          <Button type="primary" htmlType="submit">
            {t('act.save')}
          </Button>
        </Form>
      </Modal>
    </>
  );
}

// Tickets is the search over all tickets, and one of them beside it.
export default function Tickets() {
  const { t } = useTranslation();
  const { id } = useParams();
  const me = useMe();
  const [params, setParams] = useSearchParams();
  const state = params.get('state') ?? undefined;
  const mine = params.get('mine') === '1' && me.agent ? me.agent : undefined;
  const query = useInfiniteQuery({
    queryKey: ['tickets', 'list', state, mine],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/tickets', {
          params: { query: { state: state?.split(',') as State[] | undefined, assignee: mine, before: pageParam || undefined, limit: 50 } },
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
          style={{ minWidth: 220 }}
          placeholder={t('tickets.state')}
          aria-label={t('tickets.state')}
          value={state?.split(',')}
          onChange={(v: string[]) => set('state', v.join(','))}
          options={states.map((s) => ({ value: s, label: t(`tickets.${s}`) }))}
        />
        {me.agent ? (
          <Button type={mine ? 'primary' : 'default'} onClick={() => set('mine', mine ? undefined : '1')}>
            {t('tickets.mine')}
          </Button>
        ) : null}
        <Button onClick={() => query.refetch()}>{t('act.refresh')}</Button>
      </Flex>
      <Ask query={query}>
        {(data) => (
          <TicketTable tickets={data.pages.flatMap((p) => p.tickets ?? [])} loading={query.isFetching && !query.isFetchingNextPage} />
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
