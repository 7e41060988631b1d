import { expect, test } from 'vitest';
import type { CallRecord } from '../api/client';
import { figures } from './figures';

const call = (fields: Partial<CallRecord>) => ({ waitMs: 0, talked: false, ...fields }) as CallRecord;

test('the level counts late answers and those who gave up against us', () => {
  const f = figures([
    call({ queued: 'x', talked: true, waitMs: 20_000 }),
    call({ queued: 'x', talked: true, waitMs: 40_000 }),
    call({ queued: 'x', abandonedIn: 'queue', waitMs: 9_000 }),
    call({ abandonedIn: 'ivr' }),
  ]);
  expect(f).toEqual({ calls: 4, answered: 2, abandoned: 1, level: 1 / 3, asa: 30_000 });
});

test('without calls there is no level, not one of zero', () => {
  expect(figures([])).toEqual({ calls: 0, answered: 0, abandoned: 0, level: undefined, asa: undefined });
});
