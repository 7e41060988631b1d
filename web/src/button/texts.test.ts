import { expect, test } from 'vitest';
import { known, words } from './texts';

test('visitors read their language', () => {
  expect(words('zh-CN').call).toBe('在线通话');
  expect(words('en-GB').call).toBe('Call us');
  expect(words('fr').call).toBe('Call us');
});

test('every error has words', () => {
  expect(known('full')).toBe('full');
  expect(known('constructor')).toBe('failed');
  expect(known(undefined)).toBe('failed');
});
