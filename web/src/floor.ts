import type { Agent, Live, Queue, Waiting } from './api/client';
import type { Turned, TurnedFloor } from './phone/protocol';

// Floor is what is live as this tab knows it; undefined until the server said. What did not change stays the same object.
export interface Floor {
  agents?: Agent[]; // by id
  queues?: Queue[]; // by id
  waiting?: Waiting[]; // who is served next comes first; supervisors alone know
  calls?: Live[]; // the newest first; of an agent their own
}

const byID = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
const newest = (a: Live, b: Live) =>
  a.started === b.started ? (a.call < b.call ? 1 : -1) : (a.started ?? '') < (b.started ?? '') ? 1 : -1;
const next = (a: Waiting, b: Waiting) => Date.parse(a.asSince) - Date.parse(b.asSince);

// turn is a list after what changed; old itself where nothing did.
export function turn<T>(old: T[] | undefined, by: Turned<T> | undefined, id: (x: T) => string, order: (a: T, b: T) => number): T[] {
  if (old && !by) return old;
  const all = new Map((old ?? []).map((x) => [id(x), x]));
  for (const gone of by?.gone ?? []) all.delete(gone);
  for (const x of by?.now ?? []) all.set(id(x), x);
  return [...all.values()].sort(order);
}

// after is the floor after an event; a whole one begins anew.
export function after(floor: Floor, ev: TurnedFloor): Floor {
  const old = ev.whole ? {} : floor;
  return {
    agents: turn(old.agents, ev.agents, (a) => a.id, byID),
    queues: turn(old.queues, ev.queues, (q) => q.id, byID),
    waiting: turn(old.waiting, ev.waiting, (w) => w.call, next),
    calls: turn(old.calls, ev.calls, (c) => c.call, newest),
  };
}
