import type { CallRecord } from '../api/client';

// within is the wait up to which an answer counts for the service level, ms.
export const within = 20_000;

export interface Figures {
  calls: number;
  answered: number;
  abandoned: number; // in a queue or while an agent's phone rang
  level?: number; // 0 to 1; undefined while nobody was answered and nobody gave up
  asa?: number; // ms; undefined while nobody was answered
}

// figures are the day's, from its records: each formula as the wallboard shows it.
export function figures(calls: CallRecord[]): Figures {
  const queued = calls.filter((c) => c.queued);
  const answered = queued.filter((c) => c.talked);
  const abandoned = calls.filter((c) => !c.talked && (c.abandonedIn === 'queue' || c.abandonedIn === 'ring'));
  const of = answered.length + abandoned.length;
  const waits = answered.reduce((sum, c) => sum + c.waitMs, 0);
  return {
    calls: calls.length,
    answered: answered.length,
    abandoned: abandoned.length,
    level: of > 0 ? answered.filter((c) => c.waitMs <= within).length / of : undefined,
    asa: answered.length > 0 ? waits / answered.length : undefined,
  };
}
