import { expect, test } from 'vitest';
import { silences } from './silence';

const rate = 8000;
// sound has a tone where a channel's list says so, in seconds, and a line's noise elsewhere.
function sound(seconds: number, tones: [number, number][][]) {
  const lanes = tones.map((list) =>
    Float32Array.from({ length: seconds * rate }, (_, i) => {
      const on = list.some(([from, to]) => i >= from * rate && i < to * rate);
      return on ? 0.5 * Math.sin(i / 3) : 0.002 * Math.sin(i);
    }),
  );
  return {
    numberOfChannels: lanes.length,
    sampleRate: rate,
    length: seconds * rate,
    getChannelData: (c: number) => lanes[c] as Float32Array,
  };
}

test('only what no side fills is silence, and a short pause is speech', () => {
  const found = silences(
    sound(10, [
      [[0, 2]],
      [
        [3, 4],
        [8, 9],
      ],
    ]),
  );
  expect(found).toHaveLength(1);
  expect(found[0]?.from).toBeCloseTo(4, 1);
  expect(found[0]?.to).toBeCloseTo(8, 1);
});

test('a recording without any sound is one silence', () => {
  expect(silences(sound(5, [[], []]))).toEqual([{ from: 0, to: 5 }]);
});
