import { expect, test } from 'vitest';
import { joinWeekly, splitWeekly } from './weekly';

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
