import { expect, test } from 'vitest';
import type { Agent, Live, Waiting } from './api/client';
import { after, turn } from './floor';

const agent = (id: string, state = 'ready') => ({ id, state }) as Agent;

test('what changed takes the place of what was, and the rest stays the same object', () => {
  const a = agent('a');
  const first = after({}, { event: 'live', seq: 1, whole: true, agents: { now: [agent('b'), a] } });
  expect(first.agents?.map((x) => x.id)).toEqual(['a', 'b']);
  expect(first.calls).toEqual([]);
  const second = after(first, { event: 'live', seq: 2, agents: { now: [agent('b', 'talking'), agent('c')], gone: [] } });
  expect(second.agents?.map((x) => x.state)).toEqual(['ready', 'talking', 'ready']);
  expect(second.agents?.[0]).toBe(a);
  expect(second.calls).toBe(first.calls);
  expect(after(second, { event: 'live', seq: 3, agents: { gone: ['a', 'x'] } }).agents?.map((x) => x.id)).toEqual(['b', 'c']);
});

test('a whole floor forgets what was', () => {
  const old = after({}, { event: 'live', seq: 1, whole: true, agents: { now: [agent('a')] } });
  expect(after(old, { event: 'live', seq: 1, whole: true }).agents).toEqual([]);
});

test('the newest call and the next caller come first', () => {
  const call = (id: string, started: string) => ({ call: id, started }) as Live;
  const is = after({}, { event: 'live', seq: 1, calls: { now: [call('1', '2026-01-01T10:00:00Z'), call('2', '2026-01-01T11:00:00Z')] } });
  expect(is.calls?.map((c) => c.call)).toEqual(['2', '1']);
  const caller = (id: string, asSince: string) => ({ call: id, asSince }) as Waiting;
  const all = [caller('late', '2026-01-01T10:00:01+08:00'), caller('early', '2026-01-01T01:00:00Z')];
  expect(after({}, { event: 'live', seq: 1, waiting: { now: all } }).waiting?.map((w) => w.call)).toEqual(['early', 'late']);
});

test('nothing new is the same list', () => {
  const old = [agent('a')];
  expect(
    turn(
      old,
      undefined,
      (x) => x.id,
      () => 0,
    ),
  ).toBe(old);
});
