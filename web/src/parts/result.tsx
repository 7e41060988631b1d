import { Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import type { CallRecord } from '../api/client';

// Result is what became of a call, in the words of the API's filter.
export type Result =
  | 'answered'
  | 'voicemail'
  | 'callback'
  | 'abandoned-ivr'
  | 'abandoned-queue'
  | 'abandoned-ring'
  | 'self-service'
  | 'not-connected'
  | 'crashed'
  | 'open';

// results are all of them, as filters list them.
export const results: Result[] = [
  'answered',
  'voicemail',
  'callback',
  'abandoned-ivr',
  'abandoned-queue',
  'abandoned-ring',
  'self-service',
  'not-connected',
  'crashed',
  'open',
];

// resultOf is the result of a call, as Record.Result of the server has it.
export function resultOf(c: CallRecord): Result {
  if (!c.ended) return 'open';
  if (c.cause === 'node-restarted') return 'crashed';
  if (c.talked) return 'answered';
  if (c.voicemail) return 'voicemail';
  if (c.callback) return 'callback';
  if (c.abandonedIn) return `abandoned-${c.abandonedIn}` as Result;
  return c.answered ? 'self-service' : 'not-connected';
}

const colours: Partial<Record<Result, string>> = { answered: 'green', voicemail: 'blue', open: 'processing', crashed: 'red' };

// ResultTag is the result of a call in words.
export function ResultTag({ record }: { record: CallRecord }) {
  const { t } = useTranslation();
  const r = resultOf(record);
  return <Tag color={colours[r] ?? (r.startsWith('abandoned') ? 'orange' : 'default')}>{t(`calls.${r}`)}</Tag>;
}
