import { expect, test } from 'vitest';
import { asWAV } from './wav';

test('a WAV has its header, its rate and its samples', async () => {
  const view = new DataView(await asWAV(new Float32Array([0, 1, -2]), 48_000).arrayBuffer());
  expect(view.byteLength).toBe(50);
  expect(String.fromCharCode(...new Uint8Array(view.buffer, 0, 4))).toBe('RIFF');
  expect(view.getUint32(24, true)).toBe(48_000);
  expect(view.getUint32(40, true)).toBe(6);
  expect([view.getInt16(44, true), view.getInt16(46, true), view.getInt16(48, true)]).toEqual([0, 32767, -32767]);
});
