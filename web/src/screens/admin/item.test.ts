import { expect, test } from 'vitest';
import { merged, namePath, plain } from './item';

test('what says nothing is left out', () => {
  expect(plain({ a: '', b: [], c: { d: null }, e: false, f: 0, g: ['x', ''], h: true })).toEqual({ f: 0, g: ['x'], h: true });
  expect(plain({})).toBeUndefined();
});

test('a form changes what it knows and nothing else', () => {
  expect(merged({ id: 'a', ring: '20s', new_key: 1 }, { ring: '', name: 'A' })).toEqual({ id: 'a', new_key: 1, name: 'A' });
});

test('fields of a finding are names of a form', () => {
  expect(namePath('targets[0].address')).toEqual(['targets', 0, 'address']);
  expect(namePath('ring')).toEqual(['ring']);
});

test('an empty group stays, and one that is switched off goes', () => {
  expect(merged({ register: {} }, { register: { user: '' } })).toEqual({ register: {} });
  expect(merged({ register: { user: 'x' } }, { register: null })).toEqual({});
});
