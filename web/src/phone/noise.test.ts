import { expect, test } from 'vitest';
import { decibels, Watchdog } from './noise';

// watch feeds a watchdog every 100 ms and says after how many ms it fails; 0: it did not.
function watch(levels: [input: number, output: number, running?: boolean][], every = 100) {
  const dog = new Watchdog();
  for (const [i, [input, output, running]] of levels.entries()) if (dog.fails(i * every, input, output, running ?? true)) return i * every;
  return 0;
}

const many = <T>(n: number, x: T): T[] => Array.from({ length: n }, () => x);

test('speech that comes through is left alone', () => expect(watch(many(100, [-20, -26]))).toBe(0));
test('noise that is taken out is no fault', () => expect(watch(many(100, [-30, -95]))).toBe(0));
test('a quiet room is no fault', () => expect(watch(many(100, [-70, -120]))).toBe(0));
test('a second of speech without a sound is one', () => expect(watch(many(20, [-20, -120]))).toBe(1000));
test('words with pauses between them add up', () =>
  expect(
    watch([
      ...many(6, [-20, -120] as [number, number]),
      ...many(10, [-80, -120] as [number, number]),
      ...many(9, [-20, -120] as [number, number]),
    ]),
  ).toBe(2000));
test('a filter that begins late is not blamed', () =>
  expect(watch([...many(8, [-20, -120] as [number, number]), ...many(50, [-20, -30] as [number, number])])).toBe(0));
test('a filter that stands still is one whatever goes in', () => expect(watch(many(20, [-90, -120, false]))).toBe(1000));
test('a page in the background is asked once a minute, and that is not a minute of speech', () =>
  expect(watch(many(2, [-20, -120]), 60_000)).toBe(0));

test('decibels', () => {
  expect(decibels(new Float32Array(128))).toBeCloseTo(-120);
  expect(decibels(new Float32Array(128).fill(0.1))).toBeCloseTo(-20);
});
