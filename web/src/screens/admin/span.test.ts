import { expect, test } from 'vitest';
import { measured, milliseconds, spans } from './span';

test('a length of time is read as data.yml writes it', () => {
  expect(spans('1h30m')).toEqual([
    ['1', 'h'],
    ['30', 'm'],
  ]);
  expect(spans('1.5s')).toEqual([['1.5', 's']]);
  expect(spans('250ms')).toEqual([['250', 'ms']]);
  expect(spans('')).toEqual([]);
});

test('a length of time is read as people write it', () => {
  const read = ['30m', '1h30m', '1.5h', '30 分钟', '1小时30分', '90 seconds', '5 min', '250ms', ' 20S '].map((x) => milliseconds(x));
  expect(read).toEqual([1_800_000, 5_400_000, 5_400_000, 1_800_000, 5_400_000, 90_000, 300_000, 250, 20_000]);
});

test('a number alone is in the unit beside it', () => {
  expect([milliseconds('30', 'm'), milliseconds('0.5', 's'), milliseconds('30')]).toEqual([1_800_000, 500, undefined]);
});

test('what is no length of time is refused', () => {
  for (const bad of ['', 'soon', '-5', '5 days', 'm', '1:30', '5m!', '1h x']) expect(milliseconds(bad, 's'), bad).toBeUndefined();
});

test('it is shown as one number in the largest unit', () => {
  const shown = (ms: number) => Object.values(measured(ms)).join(' ');
  expect([1_800_000, 5_400_000, 3_600_000, 90_000, 250, 0].map(shown)).toEqual(['30 m', '90 m', '1 h', '90 s', '250 ms', '0 s']);
  expect(measured(0, 'h')).toEqual({ n: 0, unit: 'h' });
});
