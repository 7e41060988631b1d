import { expect, test } from 'vitest';
import { keepDraft, readDraft } from './draft';

function shelf() {
  const all = new Map<string, string>();
  return {
    all,
    getItem: (k: string) => all.get(k) ?? null,
    setItem: (k: string, t: string) => void all.set(k, t),
    removeItem: (k: string) => void all.delete(k),
    key: (i: number) => [...all.keys()][i] ?? null,
    get length() {
      return all.size;
    },
  };
}

test('a draft is there again until it is emptied', () => {
  const s = shelf();
  keepDraft('t1', '客户要求退款', s, 1);
  expect(readDraft('t1', s)).toBe('客户要求退款');
  expect(readDraft('t2', s)).toBe('');
  keepDraft('t1', '  ', s, 2);
  expect(s.all.size).toBe(0);
});

test('old drafts go, other things stay', () => {
  const s = shelf();
  s.all.set('hotline.dark', 'yes');
  s.all.set('hotline.draft.broken', '{');
  for (let i = 0; i < 60; i++) keepDraft(`t${i}`, 'x', s, 100 + i);
  expect(s.all.size).toBe(51);
  expect(readDraft('t9', s)).toBe('');
  expect(readDraft('t10', s)).toBe('x');
  expect(readDraft('broken', s)).toBe('');
  expect(s.all.get('hotline.dark')).toBe('yes');
});
