// The thresholds of the wallboard: from which figure on it warns, and from which it is bad.

export type Mood = '' | 'warn' | 'bad';
export type Figure = 'waiting' | 'longest' | 'ready' | 'level' | 'abandon' | 'asa';

export interface Limit {
  warn: number;
  bad: number;
}

export interface Board {
  limits: Record<Figure, Limit>;
  sound: boolean;
  within: number; // s, of the service level
}

// falls are the figures that are the worse the smaller they are.
const falls = new Set<Figure>(['ready', 'level']);

// units are those of the limits: calls, seconds, agents or per cent.
export const units: Record<Figure, '' | 's' | '%'> = { waiting: '', longest: 's', ready: '', level: '%', abandon: '%', asa: 's' };

export const figuresWithLimits = Object.keys(units) as Figure[];

export const shipped: Board = {
  limits: {
    waiting: { warn: 5, bad: 10 },
    longest: { warn: 30, bad: 60 },
    ready: { warn: 1, bad: 0 },
    level: { warn: 80, bad: 60 },
    abandon: { warn: 5, bad: 10 },
    asa: { warn: 20, bad: 40 },
  },
  sound: false,
  within: 20,
};

// mood is how a figure looks; one that cannot be said is calm.
export function mood(figure: Figure, value: number | undefined, { limits }: Board): Mood {
  if (value === undefined || Number.isNaN(value)) return '';
  const { warn, bad } = limits[figure];
  const reached = (limit: number) => (falls.has(figure) ? value <= limit : value >= limit);
  return reached(bad) ? 'bad' : reached(warn) ? 'warn' : '';
}

// worsened are the figures that became bad since the last look: what the alarm sounds for.
export const worsened = (before: Partial<Record<Figure, Mood>>, now: Partial<Record<Figure, Mood>>): Figure[] =>
  figuresWithLimits.filter((f) => now[f] === 'bad' && before[f] !== 'bad');

// readBoard reads what was kept; what is not as it should be is as shipped.
export function readBoard(text: string | null): Board {
  const number = (x: unknown, other: number) => (typeof x === 'number' && x >= 0 && x <= 86_400 ? x : other);
  try {
    const kept = JSON.parse(text ?? '{}') as { limits?: Partial<Record<string, Partial<Limit>>>; sound?: unknown; within?: unknown };
    const limits = { ...shipped.limits };
    for (const f of figuresWithLimits) {
      const k = kept.limits?.[f];
      limits[f] = { warn: number(k?.warn, shipped.limits[f].warn), bad: number(k?.bad, shipped.limits[f].bad) };
    }
    return { limits, sound: kept.sound === true, within: number(kept.within, shipped.within) || shipped.within };
  } catch {
    return shipped;
  }
}
