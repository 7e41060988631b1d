import dayjs from 'dayjs';
import { expect, test } from 'vitest';
import { clock, size, stamp, within } from './time';

test('durations read like a clock', () => {
  expect(clock(7_400)).toBe('0:07');
  expect(clock(754_000)).toBe('12:34');
  expect(clock(3_723_000)).toBe('1:02:03');
  expect(clock(-5)).toBe('0:00');
});

test('a time leaves out what everybody knows', () => {
  const now = dayjs('2026-11-27T20:00:00');
  expect(stamp('2026-11-27T08:01:02', now)).toBe('08:01:02');
  expect(stamp('2026-03-01T08:01:02', now)).toBe('03-01 08:01:02');
  expect(stamp('2025-03-01T08:01:02', now)).toBe('2025-03-01 08:01:02');
  expect(stamp(undefined, now)).toBe('');
});

test('bytes and long times are short', () => {
  expect([size(0), size(999), size(1500), size(20e9), size(3.24e12)]).toEqual(['0 B', '999 B', '1.5 kB', '20 GB', '3.2 TB']);
  const now = dayjs('2026-11-27T20:00:00');
  const days = (n: number) => `${n} 天`;
  expect(within('2026-11-25T18:30:00', days, now)).toBe('2 天 1:30:00');
  expect(within('2026-11-27T19:59:00', days, now)).toBe('1:00');
});
