import type { Agent, Queue } from '../api/client';

// Target is somebody or something a call can be handed to.
export interface Target {
  key: string;
  to: string; // as the API wants it
  name: string;
  group: 'colleagues' | 'queues' | 'numbers' | 'outside';
  state?: string; // of a colleague
  note?: string;
}

interface Known {
  me: string;
  agents: Agent[];
  queues: Queue[];
  numbers: { number: string; flow: string }[];
}

const order = ['ready', 'wrap-up', 'not-ready', 'talking', 'offered', 'missed', 'offline'];

// everybody is all that a call may be handed to, whoever is free first; of the agents those that have a phone and are not oneself.
export function everybody({ me, agents, queues, numbers }: Known): Target[] {
  const people = agents
    .filter((a) => a.phone && a.id !== me)
    .sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || a.name.localeCompare(b.name))
    .map(
      (a): Target => ({ key: `a:${a.id}`, to: a.phone ?? '', name: a.name || a.id, group: 'colleagues', state: a.state, note: a.phone }),
    );
  return [
    ...people,
    ...queues.map((q): Target => ({ key: `q:${q.id}`, to: `queue:${q.id}`, name: q.name || q.id, group: 'queues' })),
    ...numbers.map((n): Target => ({ key: `n:${n.number}`, to: n.number, name: n.flow, group: 'numbers', note: n.number })),
  ];
}

// dialled is what a person typed as a number: without the signs that people write into numbers; "" for what is none.
export function dialled(text: string): string {
  const number = text.replace(/[\s()./-]/g, '');
  return /^\+?[0-9*#]{2,30}$/.test(number) && !number.includes('**') ? number : ''; // stars in a row: it is masked
}

// queuesAlone are the queues: where one who waits may be moved to.
export const queuesAlone = (all: Target[]): Target[] => all.filter((x) => x.group === 'queues');

// sought is what fits a search, and the typed number itself where it is one that nobody has.
export function sought(all: Target[], text: string): Target[] {
  const word = text.trim().toLowerCase();
  const fits = all.filter((x) => !word || x.name.toLowerCase().includes(word) || (x.note ?? '').toLowerCase().includes(word));
  const number = dialled(text);
  if (!number || all.some((x) => x.to === number)) return fits;
  return [...fits, { key: 'outside', to: number, name: number, group: 'outside' }];
}
