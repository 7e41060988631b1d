import { expect, test } from 'vitest';
import { changed, combo, doing, readKeys, shipped, shown, usable } from './keys';

const press = (code: string, ...down: string[]) =>
  combo({ code, ctrlKey: down.includes('c'), altKey: down.includes('a'), shiftKey: down.includes('s'), metaKey: down.includes('m') });

test('a key is named by its place, with what is held beside it', () => {
  expect(press('KeyA', 'c', 'a')).toBe('Ctrl+Alt+KeyA');
  expect(press('F9', 's')).toBe('Shift+F9');
  expect(press('ControlLeft', 'c')).toBe('');
  expect(shown('Ctrl+Alt+KeyA')).toBe('Ctrl+Alt+A');
  expect(shown('Alt+Digit1')).toBe('Alt+1');
  expect(shown('F10')).toBe('F10');
});

test('what people type is no shortcut', () => {
  expect(['KeyA', 'Shift+KeyA', 'Space', 'F25'].filter(usable)).toEqual([]);
  expect(['Ctrl+KeyA', 'Alt+Digit1', 'F9', 'Shift+F2', 'Ctrl+Alt+Space'].filter(usable)).toHaveLength(5);
});

test('a key does one thing', () => {
  const keys = changed(shipped, 'mute', shipped.hold);
  expect(doing(keys, 'Ctrl+Alt+KeyO')).toBe('mute');
  expect(doing(keys, 'Ctrl+Alt+KeyM')).toBeUndefined();
  expect(keys.hold).toBe('');
  expect(doing(changed(keys, 'mute', ''), '')).toBeUndefined();
});

test('what was kept is read with care', () => {
  expect(readKeys(null)).toEqual(shipped);
  expect(readKeys('{nonsense')).toEqual(shipped);
  expect(readKeys('{"mute":"KeyM","other":"F2","answer":5}')).toEqual(shipped);
  expect(readKeys('{"mute":"F8","hold":""}')).toEqual({ ...shipped, mute: 'F8', hold: '' });
});
