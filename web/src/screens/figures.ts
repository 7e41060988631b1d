// The day's figures, from the counts of the reports: the same numbers everywhere, each with its formula.

export interface Row {
  queue: string;
  counts: Partial<Record<string, number>>;
  figures: Partial<Record<string, number>>;
}

export interface Figures {
  offered: number;
  answered: number;
  abandoned: number;
  level?: number; // 0 to 1; undefined while nobody was answered and nobody gave up
  abandon?: number; // 0 to 1
  asa?: number; // s; undefined while nobody was answered
}

const of = (row: Row, count: string) => row.counts[count] ?? 0;

// figures add up rows of queues; those of calls in no queue are left out.
export function figures(rows: Row[]): Figures {
  const queued = rows.filter((r) => r.queue);
  const sum = (count: string) => queued.reduce((n, r) => n + of(r, count), 0);
  const waited = queued.reduce((s, r) => s + (r.figures.asa ?? 0) * of(r, 'answered'), 0);
  const [offered, answered, abandoned] = [sum('offered'), sum('answered'), sum('abandoned')];
  const done = answered + abandoned;
  return {
    offered,
    answered,
    abandoned,
    level: done > 0 ? (sum('answered_within') + sum('abandoned_within')) / done : undefined,
    abandon: offered > 0 ? abandoned / offered : undefined,
    asa: answered > 0 ? waited / answered : undefined,
  };
}
