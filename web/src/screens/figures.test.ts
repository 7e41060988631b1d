import { expect, test } from 'vitest';
import { figures, type Row } from './figures';

const row = (queue: string, counts: Row['counts'], asa?: number): Row => ({ queue, counts, figures: asa === undefined ? {} : { asa } });

test('figures of several queues are made of their counts, not of their ratios', () => {
  const f = figures([
    row('a', { offered: 10, answered: 8, answered_within: 6, abandoned: 2, abandoned_within: 1 }, 10),
    row('b', { offered: 2, answered: 2, answered_within: 0 }, 60),
    row('', { none: 7, offered: 99 }),
  ]);
  expect(f).toEqual({ offered: 12, answered: 10, abandoned: 2, level: 7 / 12, abandon: 2 / 12, asa: 20 });
});

test('a ratio of nothing is not there', () => {
  expect(figures([])).toEqual({ offered: 0, answered: 0, abandoned: 0, level: undefined, abandon: undefined, asa: undefined });
});
