import type { CallRecord } from '../api/client';

// waited is how long a caller has waited in queues by now, ms: the record of a call under way knows it as of its last fact.
export function waited(c: Pick<CallRecord, 'waitMs' | 'queues'>, now: number): number {
  const stays = c.queues ?? [];
  const open = stays.find((q) => !q.left);
  if (!open) return c.waitMs;
  return stays.reduce((sum, q) => sum + (q === open ? 0 : q.waitMs), Math.max(0, now - Date.parse(open.since)));
}
