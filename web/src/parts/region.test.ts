import { expect, test } from 'vitest';
import { national, regionOf } from './region';

test('a region is said as people say it', () => {
  expect(['北京/北京', '广东/广州', '广东', 'US', undefined].map((r) => regionOf(r))).toEqual(['北京', '广东 广州', '广东', 'US', '']);
});

test('a number is shown as it is dialled here', () => {
  const shown = ['+8613800138000', '+861066551234', '+864008001234', '+8695555', '+85223456789', '138****8000', '1001', ''].map(national);
  expect(shown).toEqual(['13800138000', '01066551234', '4008001234', '95555', '+85223456789', '138****8000', '1001', '']);
});
