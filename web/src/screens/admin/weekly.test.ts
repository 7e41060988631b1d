import { expect, test } from 'vitest';
import { clockOf, joinWeekly, splitWeekly, wrongIn } from './weekly';

test('hours come back as they were', () => {
  for (const line of [
    'mon-fri 09:00-18:00',
    'sat-sun 22:00-06:00',
    'mon,wed,fri-sat 08:30-12:00',
    'daily 00:00-24:00',
    'sun 10:00-11:00',
  ]) {
    expect(joinWeekly(splitWeekly(line))).toBe(line);
  }
});

test('runs over the end of the week are read', () => {
  expect(splitWeekly('sat-mon 09:00-10:00').days).toEqual(['mon', 'sat', 'sun']);
  expect(splitWeekly('nonsense').days).toEqual([]);
});

test('a time of day is read as people type it', () => {
  const read = ['9', '930', '9:30', '09：30', ' 18.00 ', '2359'].map((typed) => clockOf(typed));
  expect(read).toEqual(['09:00', '09:30', '09:30', '09:30', '18:00', '23:59']);
  for (const bad of ['', 'noon', '25:00', '9:60', '24:01', '1:2:3']) expect(clockOf(bad), bad).toBeUndefined();
});

test('midnight is 00:00 where hours begin and 24:00 where they end, however it is typed', () => {
  expect(['0', '00:00', '24', '24:00'].map((typed) => clockOf(typed))).toEqual(['00:00', '00:00', '00:00', '00:00']);
  expect(['0', '00:00', '24', '24:00'].map((typed) => clockOf(typed, true))).toEqual(['24:00', '24:00', '24:00', '24:00']);
});

test('hours say what they lack', () => {
  const lines = ['mon-fri 09:00-18:00', 'daily 00:00-24:00', joinWeekly({ days: [], from: '08:00', to: '12:00' })];
  expect(lines.map(wrongIn)).toEqual([undefined, undefined, 'noDays']);
  expect(splitWeekly(lines[2] ?? '')).toEqual({ days: [], from: '08:00', to: '12:00' });
  expect(['mon nine-18:00', 'mon 09:00-25:00', 'mon 09:00-09:00'].map(wrongIn)).toEqual(['wrongTime', 'wrongTime', 'wrongTime']);
});
