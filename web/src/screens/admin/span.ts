// A length of time as data.yml and flows write it: 20s, 5m, 1h30m.

export const units = ['s', 'm', 'h'] as const;
export type Unit = (typeof units)[number] | 'ms';

const each: Record<Unit, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

// words are the units as people write them.
const words: [RegExp, Unit][] = [
  [/^(ms|毫秒|milliseconds?)$/, 'ms'],
  [/^(s|秒|秒钟|secs?|seconds?)$/, 's'],
  [/^(m|分|分钟|mins?|minutes?)$/, 'm'],
  [/^(h|时|小时|hrs?|hours?)$/, 'h'],
];

// spans are the parts of a length of time, such as 1m30s: 1 m, 30 s.
export const spans = (text: string): [string, string][] =>
  [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)].map(([, n = '', unit = '']) => [n, unit]);

// milliseconds are those of a length of time, written as data.yml does or as people do (1 小时 30 分钟); a number alone counts in unit.
// undefined: it is none.
export function milliseconds(text: string, unit?: Unit): number | undefined {
  const said = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(said)) return unit && Number(said) * each[unit];
  if (!/^(\d+(\.\d+)?\s*[a-z\p{Script=Han}]+\s*)+$/u.test(said)) return undefined;
  let sum = 0;
  for (const [, n, word = ''] of said.matchAll(/(\d+(?:\.\d+)?)\s*([a-z\p{Script=Han}]+)/gu)) {
    const known = words.find(([like]) => like.test(word))?.[1];
    if (!known) return undefined;
    sum += Number(n) * each[known];
  }
  return Math.round(sum);
}

// measured is a length of time as one number in the largest unit that it is whole in: 1h30m is 90 m. 0 is in the unit that was there.
export function measured(ms: number, unit: Unit = 's'): { n: number; unit: Unit } {
  const fits = ms === 0 ? unit : ((['h', 'm', 's'] as const).find((u) => ms % each[u] === 0) ?? 'ms');
  return { n: ms / each[fits], unit: fits };
}
