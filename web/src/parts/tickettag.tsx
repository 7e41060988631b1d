import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Ticket } from '../api/client';

// states and urgencies of tickets, in the API's words.
export const states = ['pending', 'working', 'solved', 'escalated', 'closed'] as const;
export const urgencies = ['low', 'normal', 'high', 'urgent'] as const;
export type State = (typeof states)[number];
export type Urgency = (typeof urgencies)[number];
export type Origin = 'manual' | 'answered' | 'abandoned' | 'voicemail' | 'low-rating';

const stateColours: Record<State, string> = { pending: 'orange', working: 'blue', solved: 'green', escalated: 'red', closed: 'default' };
const urgencyColours: Record<Urgency, string> = { low: 'default', normal: 'default', high: 'orange', urgent: 'red' };

// TicketTag is a ticket's state.
export function TicketTag({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  return <Tag color={stateColours[ticket.state as State]}>{t(`tickets.${ticket.state as State}`)}</Tag>;
}

// UrgencyTag is how urgent a ticket is.
export function UrgencyTag({ ticket }: { ticket: Ticket }) {
  const { t } = useTranslation();
  return <Tag color={urgencyColours[ticket.urgency as Urgency]}>{t(`tickets.${ticket.urgency as Urgency}`)}</Tag>;
}
