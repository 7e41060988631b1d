// Levels are numbers by the ids of queues or skills.
export type Levels = Record<string, number>;

// difference says how to get from one to the other: what is put in, and what is taken out.
export function difference(from: Levels, to: Levels): { with: Levels; without: string[] } {
  const put = Object.entries(to).filter(([id, level]) => from[id] !== level);
  return { with: Object.fromEntries(put), without: Object.keys(from).filter((id) => !(id in to)) };
}
