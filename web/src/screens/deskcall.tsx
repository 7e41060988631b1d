import { Card, Descriptions, Empty, Flex, Progress, Tag } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Agent, CallRecord, Part, Ticket } from '../api/client';
import { useAgentNames, useQueueName } from '../live';
import { type Beside, useBeside } from '../mine';
import { said } from '../parts/number';
import { regionOf } from '../parts/region';
import type { Result } from '../parts/result';
import { TicketTag } from '../parts/tickettag';
import { clock, stamp, useNow } from '../parts/time';
import { waited } from '../parts/waited';
import { begun, useWhy } from '../parts/why';

// useBlink lets the tab's name call the agent back to it while the phone rings.
function useBlink(on: boolean) {
  const { t } = useTranslation();
  useEffect(() => {
    if (!on) return;
    const title = document.title;
    const timer = setInterval(() => {
      document.title = document.title === title ? `☎ ${t('desk.ringing')}` : title;
    }, 800);
    return () => {
      clearInterval(timer);
      document.title = title;
    };
  }, [on, t]);
}

// RingsFor is the time left to answer, as a bar that runs out.
function RingsFor({ self, part, now }: { self?: Agent; part?: Part; now: number }) {
  const { t } = useTranslation();
  const until = Date.parse(self?.ringUntil ?? '');
  const whole = until - Date.parse(part?.offered ?? '');
  if (!(whole > 0)) return null;
  const left = Math.max(0, until - now);
  return (
    <Progress
      percent={Math.round((100 * left) / whole)}
      size="small"
      aria-label={t('phone.ringing')}
      status={left < 5_000 ? 'exception' : 'active'}
      format={() => <span className="num">{t('work.rings', { t: Math.round(left / 1000) })}</span>}
    />
  );
}

// Current is the call that rings or is talked on, with who calls and what came before.
export function Current({ c, part, self }: { c: CallRecord; part?: Part; self?: Agent }) {
  const { t } = useTranslation();
  const now = useNow();
  const queueName = useQueueName();
  const why = useWhy();
  const me = c.members?.find((m) => m.agent === self?.id);
  const talking = part?.connected !== undefined || me?.state === 'consulted';
  const since = part?.connected ?? (talking ? me?.since : part?.offered) ?? '';
  const beside = useBeside(c.call).data;
  const other = c.by && c.by === self?.id ? c.called : c.caller; // of one's own call whom one called
  useBlink(!talking);
  return (
    <Card
      size="small"
      style={{ borderColor: talking ? '#1456d8' : '#d97706', borderWidth: 2 }}
      title={
        <span role="status" aria-live="polite">
          {me?.state === 'consulted' ? t('work.consulted') : talking ? t('desk.talking') : t('desk.ringing')}{' '}
          <span className="num">{clock(now - Date.parse(since))}</span>
        </span>
      }
    >
      {talking ? null : <RingsFor self={self} part={part} now={now} />}
      <Flex align="baseline" gap={12} wrap>
        <span className="num" style={{ fontSize: 28, fontWeight: 600 }}>
          {said(t, other.e164 || other.raw)}
        </span>
        {beside ? <Tag>{visits(beside, t)}</Tag> : null}
      </Flex>
      <Descriptions
        size="small"
        column={3}
        items={[
          { key: 'region', label: t('desk.region'), children: regionOf(c.region) || '–' },
          { key: 'topic', label: t('desk.topic'), children: c.topic || '–' },
          { key: 'queue', label: t('desk.queue'), children: queueName(part?.queue) || '–' },
          { key: 'wait', label: t('calls.wait'), children: <span className="num">{clock(waited(c, now))}</span> },
          { key: 'did', label: t('call.did'), children: <span className="num keep">{c.did || '–'}</span>, span: 'filled' },
          { key: 'why', label: t('call.reason'), children: begun(why(c)) || '–', span: 'filled' },
        ]}
      />
      {beside ? <LookBack beside={beside} call={c.call} /> : null}
      <Link to={`/calls/${c.call}`}>{t('act.details')}</Link>
    </Card>
  );
}

const visits = (beside: Beside, t: ReturnType<typeof useTranslation>['t']) =>
  beside.contacts.length === 0
    ? t('work.pastNone')
    : t('work.visits', { n: beside.contacts.length < 20 ? beside.contacts.length + 1 : '20+' });

function LookBack({ beside, call }: { beside: Beside; call: string }) {
  const { t } = useTranslation();
  const agentName = useAgentNames();
  const tickets = beside.tickets.filter((k) => !k.calls?.includes(call)); // this call's own is worked on beside
  const none = (text: string) => <Empty image={null} styles={{ image: { height: 0 } }} description={text} />;
  return (
    <div className="halves" style={{ margin: '8px 0', columnGap: 28, gridTemplateColumns: 'repeat(auto-fit, minmax(260px, 1fr))' }}>
      <section aria-label={t('work.past')}>
        <h3 className="small-head">{t('work.past')}</h3>
        {beside.contacts.length === 0 ? none(t('work.pastNone')) : null}
        <div className="contacts">
          {beside.contacts.slice(0, 5).map((p) => (
            <div key={p.call} className="line">
              <span className="num">{p.opens ? <Link to={`/calls/${p.call}`}>{stamp(p.started)}</Link> : stamp(p.started)}</span>
              <span>{t(`calls.${p.result as Result}`)}</span>
              <span className="quiet">{[p.topic, agentName(p.agent), ...(p.dispositions ?? [])].filter(Boolean).join(' · ')}</span>
              <span className="num quiet">{p.talkMs ? clock(p.talkMs) : ''}</span>
            </div>
          ))}
        </div>
      </section>
      <section aria-label={t('work.tickets')}>
        <h3 className="small-head">{t('work.tickets')}</h3>
        {tickets.length === 0 ? none(t('work.ticketsNone')) : null}
        {tickets.slice(0, 5).map((k: Ticket) => (
          <Flex key={k.id} gap={8} className="line">
            <Link className="num" to={`/tickets/${k.id}`}>
              {k.number}
            </Link>
            <TicketTag ticket={k} />
            <span className="quiet cut">{k.subject || k.topic}</span>
          </Flex>
        ))}
      </section>
    </div>
  );
}
