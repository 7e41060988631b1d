import type { Flow, Place, Step } from './model';

export const stepWidth = 200;
const gapX = 70;
const gapY = 28;

// heightOf is about how high a node is drawn.
export const heightOf = (s: Step) => 58 + s.ways.length * 22;

// layers gives each node its column: one after the last node that leads to it. Ways back do not count.
function layers(flow: Flow): Map<string, number> {
  const steps = new Map(flow.steps.map((s) => [s.name, s]));
  const layer = new Map<string, number>();
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const forward: [string, string][] = [];
  const visit = (name: string) => {
    state.set(name, 'open');
    for (const w of steps.get(name)?.ways ?? []) {
      if (!steps.has(w.to) || state.get(w.to) === 'open') continue;
      forward.push([name, w.to]);
      if (!state.has(w.to)) visit(w.to);
    }
    state.set(name, 'done');
    order.unshift(name);
  };
  if (steps.has(flow.start)) visit(flow.start);
  for (const s of flow.steps) if (!state.has(s.name)) visit(s.name);
  for (const name of order) layer.set(name, layer.get(name) ?? 0);
  for (const name of order)
    for (const [from, to] of forward) if (from === name) layer.set(to, Math.max(layer.get(to) ?? 0, (layer.get(from) ?? 0) + 1));
  return layer;
}

// arrange places all nodes from left to right: columns by the way from the start, and within one near those that lead there.
export function arrange(flow: Flow): Record<string, Place> {
  const layer = layers(flow);
  const at: Record<string, Place> = {};
  const into = new Map<string, string[]>();
  for (const s of flow.steps) for (const w of s.ways) into.set(w.to, [...(into.get(w.to) ?? []), s.name]);
  const wish = (s: Step) => {
    const before = (into.get(s.name) ?? []).map((n) => at[n]?.y).filter((y) => y !== undefined);
    return before.length > 0 ? before.reduce((a, b) => a + b, 0) / before.length : 0;
  };
  const columns: Step[][] = [];
  for (const s of flow.steps) {
    const n = layer.get(s.name) ?? 0;
    columns[n] = [...(columns[n] ?? []), s];
  }
  columns.forEach((column, n) => {
    let y = 0;
    const sorted = column.map((s) => ({ s, y: wish(s) })).sort((a, b) => a.y - b.y);
    for (const { s } of sorted) {
      at[s.name] = { x: n * (stepWidth + gapX), y };
      y += heightOf(s) + gapY;
    }
  });
  return at;
}
