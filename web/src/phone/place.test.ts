import { expect, test } from 'vitest';
import { device } from './place';

test('a computer is called by its browser and its system', () => {
  const chrome = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
  expect(device(chrome)).toBe('Chrome 156, Windows');
  expect(device(`${chrome} Edg/156.0.1.2`)).toBe('Edge 156, Windows');
  expect(device('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605.1 (KHTML, like Gecko) Version/26.1 Safari/605.1')).toBe(
    'Safari 26, Mac',
  );
  expect(device('something else')).toBe('something else');
});
