import { expect, test } from 'vitest';
import { mood, readBoard, shipped, worsened } from './thresholds';

test('a figure warns and is bad from its limits on, whichever way is worse', () => {
  expect([4, 5, 9, 10, 99].map((n) => mood('waiting', n, shipped))).toEqual(['', 'warn', 'warn', 'bad', 'bad']);
  expect([100, 81, 80, 60, 0].map((n) => mood('level', n, shipped))).toEqual(['', '', 'warn', 'bad', 'bad']);
  expect([2, 1, 0].map((n) => mood('ready', n, shipped))).toEqual(['', 'warn', 'bad']);
  expect(mood('level', undefined, shipped)).toBe('');
  expect(mood('asa', Number.NaN, shipped)).toBe('');
});

test('the alarm sounds once, when a figure becomes bad', () => {
  expect(worsened({}, { waiting: 'bad', level: 'warn' })).toEqual(['waiting']);
  expect(worsened({ waiting: 'bad' }, { waiting: 'bad' })).toEqual([]);
  expect(worsened({ waiting: 'warn', level: 'bad' }, { waiting: 'bad', level: '' })).toEqual(['waiting']);
});

test('kept limits are read with care', () => {
  expect(readBoard(null)).toEqual(shipped);
  expect(readBoard('nonsense')).toEqual(shipped);
  const read = readBoard('{"limits":{"waiting":{"warn":2,"bad":"x"},"other":{}},"sound":true,"within":-5}');
  expect(read.limits.waiting).toEqual({ warn: 2, bad: 10 });
  expect(read.sound).toBe(true);
  expect(read.within).toBe(20);
});
