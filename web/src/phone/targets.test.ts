import { expect, test } from 'vitest';
import type { Agent, Queue } from '../api/client';
import { dialled, everybody, sought } from './targets';

const agent = (id: string, state: string, phone?: string): Agent => ({
  id,
  name: `坐席 ${id}`,
  state,
  phone,
  since: '',
  reachable: true,
  queues: {},
  skills: {},
});
const all = everybody({
  me: 'a1',
  agents: [agent('a1', 'talking', '1001'), agent('a2', 'not-ready', '1002'), agent('a3', 'ready', '1003'), agent('a4', 'ready')],
  queues: [{ id: 'beijing', name: '北京组', waiting: 0, closed: false, atWork: 1, agents: {} } as Queue],
  numbers: [{ number: '600', flow: 'echo' }],
});

test('who is free comes first, oneself and who has no phone never', () => {
  expect(all.map((x) => x.to)).toEqual(['1003', '1002', 'queue:beijing', '600']);
});

test('a search finds names and numbers', () => {
  expect(sought(all, '北京').map((x) => x.to)).toEqual(['queue:beijing']);
  expect(sought(all, 'ECHO').map((x) => x.to)).toEqual(['600']);
  expect(sought(all, '').length).toBe(4);
});

test('a number that nobody has can be dialled, one that somebody has is theirs', () => {
  expect(sought(all, '138-0013 8000').map((x) => [x.to, x.group])).toEqual([['13800138000', 'outside']]);
  expect(sought(all, '1003').map((x) => x.group)).toEqual(['colleagues']);
  expect(sought(all, 'nobody')).toEqual([]);
});

test('what is no number is not dialled', () => {
  expect([dialled('+86 10 6655-1234'), dialled('138****8000'), dialled('*67#'), dialled('call'), dialled('1')]).toEqual([
    '+861066551234',
    '',
    '*67#',
    '',
    '',
  ]);
});
