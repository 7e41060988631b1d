import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Descriptions, Flex, Input, Select, Space, Timeline } from 'antd';
import type { TextAreaRef } from 'antd/es/input/TextArea';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, Problem, type Ticket } from '../api/client';
import { useAgentNames } from '../live';
import { keepDraft, readDraft } from '../parts/draft';
import { AgentName, useBy } from '../parts/names';
import { Num } from '../parts/number';
import { regionOf } from '../parts/region';
import { type Origin, type State, states, type Urgency, urgencies } from '../parts/tickettag';
import { stamp } from '../parts/time';
import { useShortcut } from '../phone/keys';
import { useMe } from '../session';

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
      message.error(conflict ? t('tickets.conflict') : (err as Error).message);
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

// useHistory says who did what to a ticket, and what a state or an urgency was before and after.
function useHistory() {
  const { t } = useTranslation();
  const by = useBy();
  const agent = useAgentNames();
  const words: Record<string, string> = {
    created: t('tickets.created'),
    note: t('tickets.notes'),
    recording: t('calls.record'),
    state: t('tickets.state'),
    urgency: t('tickets.urgency'),
    subject: t('tickets.subject'),
    assignee: t('tickets.assignee'),
    team: t('tickets.team'),
    topic: t('tickets.topic'),
  };
  const coded = [...states, ...urgencies] as string[];
  return {
    by,
    named: (what: string) => words[what] ?? what,
    valued: (what: string, value: string) =>
      what !== 'subject' && what !== 'topic' && coded.includes(value)
        ? t(`tickets.${value as State | Urgency}`)
        : what === 'assignee'
          ? agent(value)
          : value,
  };
}

// TicketForm is one ticket to read and to work on; leave: a draft of a note is saved when it goes.
export function TicketForm({ ticket, leave }: { ticket: Ticket; leave?: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  const { patch, note } = useChange(ticket);
  const mine = me.agent || me.id;
  const { by, named, valued } = useHistory();
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
        {ticket.assignee === mine ? null : <Button onClick={() => void patch({ assignee: mine })}>{t('tickets.take')}</Button>}
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
            children: <Num value={ticket.caller || '–'} ticket={ticket.id} />,
          },
          { key: 2, label: t('calls.region'), children: regionOf(ticket.region) || '–' },
          { key: 3, label: t('tickets.topic'), children: ticket.topic || '–' },
          {
            key: 4,
            label: t('tickets.assignee'),
            children: ticket.assignee ? <AgentName id={ticket.assignee} /> : t('tickets.unassigned'),
          },
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
              <div className="quiet num">{t('tickets.by', { who: by(n.by), when: stamp(n.at) })}</div>
              <div style={{ whiteSpace: 'pre-wrap' }}>{n.text}</div>
            </>
          ),
        }))}
      />
      <details>
        <summary className="quiet">{t('tickets.history')}</summary>
        {ticket.history?.map((h) => (
          <div key={h.at + h.what} className="num">
            {stamp(h.at)} {by(h.by)} {named(h.what)} {h.from ? `${valued(h.what, h.from)} → ` : ''}
            {h.to ? valued(h.what, h.to) : ''}
          </div>
        ))}
      </details>
    </div>
  );
}
