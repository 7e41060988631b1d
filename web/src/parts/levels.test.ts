import { expect, test } from 'vitest';
import { difference } from './levels';

test('what is put in, changed and taken out', () => {
  expect(difference({ east: 1, west: 2 }, { east: 3, north: 1 })).toEqual({ with: { east: 3, north: 1 }, without: ['west'] });
  expect(difference({ east: 1 }, { east: 1 })).toEqual({ with: {}, without: [] });
});
