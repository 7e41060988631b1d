import { expect, test } from 'vitest';
import { waited } from './waited';

const now = Date.parse('2026-11-27T12:01:00Z');
const first = { queue: 'a', since: '2026-11-27T12:00:00Z', left: '2026-11-27T12:00:30Z', waitMs: 30_000 };
const second = { queue: 'b', since: '2026-11-27T12:00:40Z', waitMs: 0 };

test('a caller who waits waits longer each second, in all queues together', () => {
  expect(waited({ waitMs: 30_000, queues: [first, second] }, now)).toBe(50_000);
  expect(waited({ waitMs: 0, queues: [second] }, now - 25_000)).toBe(0); // the clocks differ
});

test('who was answered, and who never waited, waits no longer', () => {
  expect(waited({ waitMs: 30_000, queues: [first] }, now)).toBe(30_000);
  expect(waited({ waitMs: 0 }, now)).toBe(0);
});
