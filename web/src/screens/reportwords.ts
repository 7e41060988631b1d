import type { Dayjs } from 'dayjs';
import { listsEn } from '../i18n/lists.en';
import { clock } from '../parts/time';

// Known is a figure that the pages have words for.
export type Known = keyof (typeof listsEn)['fig'];

export const known = Object.keys(listsEn.fig) as Known[];

export interface Span {
  from: string;
  to: string;
}

// whole is the time of an interval that begins at, as far as it lies within the span.
export function whole(at: Dayjs, minutes: number, span: Span): Span {
  const sorted = (a: string, b: string) => [a, b].sort() as [string, string]; // times in UTC, all in one form
  return { from: sorted(at.toISOString(), span.from)[1], to: sorted(at.add(minutes, 'minute').toISOString(), span.to)[0] };
}

const shares = new Set<string>(['occupancy']);

// printed is a ratio for people: a share in per cent, a score as it is, a time as a clock; what cannot be said is a dash.
export function printed(figure: Known, value?: number): string {
  if (value === undefined) return '–';
  if (figure === 'score') return value.toFixed(2);
  return shares.has(figure) || /_rate|service_level/.test(figure) ? `${(value * 100).toFixed(1)}%` : clock(value * 1000);
}
