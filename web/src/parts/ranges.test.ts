import { expect, test } from 'vitest';
import { Ear, union } from './ranges';

const listen = (...places: [number, boolean][]) => {
  const ear = new Ear();
  for (const [at, playing] of places) ear.hear(at, playing);
  return ear;
};

test('what plays through is one part, a jump begins another', () => {
  const ear = listen([0, true], [0.5, true], [1, true], [30, true], [30.5, true], [31, true]);
  expect(ear.take()).toEqual([
    { from: 0, to: 1 },
    { from: 30, to: 31 },
  ]);
  expect(ear.take()).toEqual([]);
});

test('moving the place while nothing plays is not listening', () => {
  expect(listen([0, false], [1, false], [2, false], [2.5, true], [3, true]).take()).toEqual([{ from: 2.5, to: 3 }]);
  expect(listen([5, true], [4, true], [3, true]).take()).toEqual([]);
});

test('it goes on where it was told of last', () => {
  const ear = listen([0, true], [1, true]);
  expect(ear.take()).toEqual([{ from: 0, to: 1 }]);
  ear.hear(2, true);
  expect(ear.take()).toEqual([{ from: 1, to: 2 }]);
});

test('parts that touch are drawn as one', () => {
  expect(
    union([
      { from: 5, to: 9 },
      { from: 0, to: 2 },
      { from: 2, to: 3 },
      { from: 6, to: 7 },
    ]),
  ).toEqual([
    { from: 0, to: 3 },
    { from: 5, to: 9 },
  ]);
});
