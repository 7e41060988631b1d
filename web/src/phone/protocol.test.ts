import { expect, test } from 'vitest';
import { apply, type Call, nothing } from './protocol';

const call = (id: string, state: Call['state']): Call => ({ id, state, direction: 'in', number: '1', since: '', media: 'none' });

test('a snapshot replaces what was known, and changes follow it', () => {
  let book = apply(nothing, { n: 1, event: 'snapshot', owner: true, calls: [call('a', 'talking')], ice: [] });
  book = apply(book, { n: 2, event: 'call', call: call('b', 'ringing') });
  book = apply(book, { n: 3, event: 'call', call: call('b', 'talking') });
  expect(book.calls.map((c) => `${c.id} ${c.state}`)).toEqual(['a talking', 'b talking']);
  book = apply(book, { n: 4, event: 'ended', id: 'a', cause: 'normal' });
  book = apply(book, { n: 5, event: 'owner', mine: false, device: 'another tab' });
  expect(book).toEqual({ owner: false, device: 'another tab', calls: [call('b', 'talking')], reach: false });
  book = apply(book, { n: 1, event: 'snapshot', owner: true, calls: [], ice: [] });
  expect(book.calls).toEqual([]);
});

test('the state of the agent is that of the snapshot, then of each change', () => {
  const agent = { state: 'ready', since: '' };
  let book = apply(nothing, { n: 1, event: 'snapshot', owner: true, calls: [], ice: [], agent });
  expect(book.agent).toEqual(agent);
  book = apply(book, { n: 2, event: 'agent', agent: { state: 'not-ready', reason: '小休', since: '' } });
  expect(book.agent?.reason).toBe('小休');
});

test('calls come to the tab that owns the sound, while it works', () => {
  let book = apply(nothing, { n: 1, event: 'snapshot', owner: true, calls: [], ice: [] });
  book = apply(book, { n: 2, event: 'reach', on: true });
  expect(book.reach).toBe(true);
  expect(apply(book, { n: 3, event: 'reach', on: false }).reach).toBe(false);
  expect(apply(book, { n: 3, event: 'owner', mine: false, device: 'another tab' }).reach).toBe(false);
  expect(apply(book, { n: 3, event: 'weather' } as never)).toEqual(book);
});
