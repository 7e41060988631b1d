import { expect, test } from 'vitest';
import { placed } from './marks';

test('the word of a mark has the way to the next one', () => {
  expect(placed([0, 40], 100)).toEqual([
    { late: false, room: 0.4 },
    { late: false, room: 0.6 },
  ]);
  expect(placed([20], 200)).toEqual([{ late: false, room: 0.9 }]);
});

test('a word at the end stands before its mark, and shares the way with the one before', () => {
  expect(placed([40, 100], 100)).toEqual([
    { late: false, room: 0.3 },
    { late: true, room: 0.3 },
  ]);
  expect(placed([95], 100)).toEqual([{ late: true, room: 0.95 }]);
});

test('a mark beside another one has no word', () => {
  expect(placed([10, 12, 50], 100)).toEqual([
    { late: false, room: 0.4 },
    { late: false, room: 0 },
    { late: false, room: 0.5 },
  ]);
  expect(placed([], 100)).toEqual([]);
});
