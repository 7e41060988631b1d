import dayjs from 'dayjs';
import { expect, test } from 'vitest';
import source from '../../../report/figure.go?raw';
import { known, printed, whole } from './reportwords';

test('every figure of the reports has words', () => {
  const figures = [...source.matchAll(/^\t\{"(\w+)", "/gm)].map((m) => m[1]);
  expect(figures.length).toBeGreaterThan(20);
  expect([...figures, 'occupancy'].sort()).toEqual([...known].sort());
});

test('shares are per cent, times are clocks, what cannot be said is a dash', () => {
  expect(printed('service_level', 0.805)).toBe('80.5%');
  expect(printed('abandon_rate_long', 0)).toBe('0.0%');
  expect(printed('occupancy', 1)).toBe('100.0%');
  expect(printed('score', 4.256)).toBe('4.26');
  expect(printed('asa', 75)).toBe('1:15');
  expect(printed('aht', undefined)).toBe('–');
});

test('an interval keeps within the time that was asked for', () => {
  const span = { from: '2026-11-22T00:05:00.000Z', to: '2026-11-22T01:00:00.000Z' };
  expect(whole(dayjs('2026-11-22T00:00:00Z'), 15, span)).toEqual({ from: span.from, to: '2026-11-22T00:15:00.000Z' });
  expect(whole(dayjs('2026-11-22T00:45:00Z'), 30, span)).toEqual({ from: '2026-11-22T00:45:00.000Z', to: span.to });
});
