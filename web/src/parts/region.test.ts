import { expect, test } from 'vitest';
import { regionOf } from './region';

test('a region is said as people say it', () => {
  expect(['北京/北京', '广东/广州', '广东', 'US', undefined].map((r) => regionOf(r))).toEqual(['北京', '广东 广州', '广东', 'US', '']);
});
