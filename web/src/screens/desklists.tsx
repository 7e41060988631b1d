import { PhoneOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { CallRecord, Ticket } from '../api/client';
import { Nothing } from '../parts/ask';
import { Num } from '../parts/number';
import { regionOf } from '../parts/region';
import { ResultTag } from '../parts/result';
import { TicketTag, UrgencyTag } from '../parts/tickettag';
import { clock, stamp } from '../parts/time';

// The lists of the desk are plain tables: they are short, and the page is there sooner without the ones that can do everything.

// MyCalls lists an agent's calls of the day, the newest first: those that came and those that they made.
export function MyCalls({ calls, agent, none }: { calls: CallRecord[]; agent: string; none: string }) {
  const { t } = useTranslation();
  if (calls.length === 0) return <Nothing text={none} />;
  return (
    <div className="scroll">
      <table className="rows">
        <thead>
          <tr>
            <th>{t('calls.started')}</th>
            <th>{t('calls.direction')}</th>
            <th>{t('desk.party')}</th>
            <th>{t('calls.region')}</th>
            <th>{t('calls.topic')}</th>
            <th>{t('calls.result')}</th>
            <th className="end">{t('calls.talk')}</th>
          </tr>
        </thead>
        <tbody>
          {calls.map((c) => {
            const out = c.by === agent;
            const party = out ? c.called : c.caller;
            return (
              <tr key={c.call}>
                <td className="num">
                  <Link to={`/calls/${c.call}`}>{stamp(c.started)}</Link>
                </td>
                <td>
                  <PhoneOutlined rotate={out ? 90 : 180} aria-hidden /> {t(out ? 'calls.out' : 'calls.in')}
                </td>
                <td>
                  <Num value={party.e164 || party.raw} call={c.call} />
                </td>
                <td>{out ? '' : regionOf(c.region)}</td>
                <td>{c.topic}</td>
                <td>
                  <ResultTag record={c} />
                </td>
                <td className="num end">{c.talked ? clock(c.talkMs) : '–'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

// MyTickets lists an agent's open tickets, the newest first.
export function MyTickets({ tickets }: { tickets: Ticket[] }) {
  const { t } = useTranslation();
  if (tickets.length === 0) return <Nothing text={t('work.ticketsNone')} />;
  return (
    <div className="scroll">
      <table className="rows">
        <thead>
          <tr>
            <th>{t('tickets.number')}</th>
            <th>{t('tickets.state')}</th>
            <th>{t('tickets.caller')}</th>
            <th>{t('tickets.subject')}</th>
          </tr>
        </thead>
        <tbody>
          {tickets.map((k) => (
            <tr key={k.id}>
              <td className="num">
                <Link to={`/tickets/${k.id}`} title={`${t('tickets.updated')} ${stamp(k.updatedAt)}`}>
                  {k.number}
                </Link>
              </td>
              <td>
                <TicketTag ticket={k} />
                <UrgencyTag ticket={k} />
              </td>
              <td>
                <Num value={k.caller || '–'} ticket={k.id} />
              </td>
              <td className="cut" style={{ maxWidth: 120 }} title={k.subject || k.topic}>
                {k.subject || k.topic}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
