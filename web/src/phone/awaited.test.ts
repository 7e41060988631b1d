import { expect, test } from 'vitest';
import { awaited } from './awaited';
import { nothing } from './protocol';

const off = { on: false, up: false, book: nothing, elsewhere: '' as const, trouble: '' };
const here = { ...off, on: true, up: true, book: { ...nothing, owner: true, reach: true } };

test('a telephone that was on when the page was left is waited for until calls come to it', () => {
  expect(awaited(off, true)).toBe(true);
  expect(awaited({ ...off, on: true }, true)).toBe(true);
  expect(awaited({ ...here, book: { ...here.book, reach: false } }, true)).toBe(true);
  expect(awaited(here, true)).toBe(false);
});

test('nothing is waited for where it cannot come', () => {
  expect(awaited(off, false)).toBe(false); // a desk phone alone
  expect(awaited(null, true)).toBe(false);
  expect(awaited({ ...off, trouble: 'no microphone' }, true)).toBe(false);
  expect(awaited({ ...off, on: true, up: true, elsewhere: 'tab' }, true)).toBe(false);
});
