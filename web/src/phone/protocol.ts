// The shapes of docs/protocols/softphone.md.

import type * as api from '../api/client';

export interface Call {
  id: string;
  state: 'ringing' | 'dialling' | 'talking';
  direction: 'in' | 'out';
  number: string;
  display?: string;
  since: string;
  held?: boolean;
  muted?: boolean;
  media: 'none' | 'connecting' | 'connected';
}

// Agent is where the agent is with the queues.
export interface Agent {
  state: string;
  reason?: string;
  next?: string;
  nextReason?: string;
  since: string;
}

// Turned is what changed of something live: what there is new or otherwise, and the ids of what is gone.
export interface Turned<T> {
  now?: T[];
  gone?: string[];
}

// TurnedFloor is what changed of all that is live; what did not is left out.
export interface TurnedFloor {
  event: 'live';
  seq: number;
  whole?: boolean; // everything there is
  agents?: Turned<api.Agent>;
  queues?: Turned<api.Queue>;
  waiting?: Turned<api.Waiting>;
  calls?: Turned<api.Live>;
}

export type Event =
  | { n: number; event: 'snapshot'; owner: boolean; device?: string; calls: Call[]; ice: RTCIceServer[]; key?: string; agent?: Agent }
  | { n: number; event: 'call'; call: Call }
  | { n: number; event: 'ended'; id: string; cause: string }
  | { n: number; event: 'owner'; mine: boolean; device?: string }
  | { n: number; event: 'reach'; on: boolean }
  | { n: number; event: 'agent'; agent: Agent }
  | { n: number; event: 'message'; message: { id: string } };

export interface Reply {
  re: number;
  ok: boolean;
  error?: string;
  code?: string; // a word for the error, where a page says it in its own language
  call?: string;
  sdp?: string;
}

// Book is what a tab knows of its telephone: the snapshot, and every change since.
export interface Book {
  owner: boolean;
  device: string; // who owns the sound, for people; "" for nobody
  calls: Call[];
  reach: boolean; // whether calls come to this tab: it is the owner, and its sound works
  agent?: Agent; // undefined until the server said
  message?: string; // the id of the message that came last
}

export const nothing: Book = { owner: false, device: '', calls: [], reach: false };

// apply is the book after an event.
export function apply(book: Book, ev: Event): Book {
  switch (ev.event) {
    case 'snapshot':
      return { owner: ev.owner, device: ev.device ?? '', calls: ev.calls, reach: false, agent: ev.agent };
    case 'call': {
      const known = book.calls.some((c) => c.id === ev.call.id);
      return { ...book, calls: known ? book.calls.map((c) => (c.id === ev.call.id ? ev.call : c)) : [...book.calls, ev.call] };
    }
    case 'ended':
      return { ...book, calls: book.calls.filter((c) => c.id !== ev.id) };
    case 'owner':
      return { ...book, owner: ev.mine, device: ev.device ?? '', reach: book.reach && ev.mine };
    case 'agent':
      return { ...book, agent: ev.agent };
    case 'message':
      return { ...book, message: ev.message.id };
    case 'reach':
      return { ...book, reach: ev.on };
    default: // an event that a newer server has
      return book;
  }
}
