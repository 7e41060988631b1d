import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { early } from '../early';
import { useTab } from '../live';
import { useMe } from '../session';
import { before, Engine, type State, wants } from './engine';
import type { Book, Call } from './protocol';
import type { Quality } from './quality';
import { Worn } from './worn';

// Whom is a number, or who it is known by where the number may not be seen: the other party of a call, the caller of a ticket.
export type Whom = { to: string } | { record?: string; ticket?: string };

// Phone is the telephone of this tab, as screens see it.
export interface Phone {
  on: boolean; // the agent wants calls in the browser
  up: boolean; // connected to the server
  book: Book;
  muted: boolean;
  trouble: string; // what is wrong with the sound, for people; "" for nothing
  noisy: boolean; // the filter of noise does not work: the microphone is heard as it is
  elsewhere: '' | 'tab' | 'computer'; // where else the sound is
  asked: boolean; // the sound is on another computer: should it come here?
  worn: Worn;
  start: () => Promise<void>;
  stop: () => void;
  take: () => void;
  leaveIt: () => void; // leave the sound where it is
  answer: (call: string) => void;
  reject: (call: string) => void;
  hangUp: (call: string) => void;
  mute: (on: boolean) => void;
  digit: (call: string, key: string) => void;
  quality: (call: string) => Promise<Quality | undefined>; // how its sound comes through
  dial: (whom: Whom) => Promise<void>;
}

const Here = createContext<Phone | null>(null);

// usePhone is the telephone of this tab; null for who has none.
export const usePhone = () => useContext(Here);

// current is the call to show: the one that is talked on, else the one that rings.
export const current = (book: Book): Call | undefined =>
  book.calls.find((c) => c.state === 'talking') ?? book.calls.find((c) => c.state === 'dialling') ?? book.calls[0];

// Telephone gives its screens a telephone. It starts by itself where it was on when the page was left, and the browser lets it.
export function Telephone({ children }: { children: ReactNode }) {
  const { line } = useTab();
  const { agent = '' } = useMe();
  const engine = useMemo(() => (early.tab?.line === line && early.engine) || new Engine(line, agent), [line, agent]);
  const [state, setState] = useState<State>(before);
  const worn = useMemo(() => new Worn(), []);
  useEffect(() => {
    engine.tell = setState;
    setState(engine.state);
    if (wants()) void engine.start();
    return () => {
      engine.tell = () => {};
      engine.end();
    };
  }, [engine]);
  const busy = state.book.owner && state.book.calls.length > 0;
  useEffect(() => {
    if (!busy) return;
    const warn = (e: BeforeUnloadEvent) => e.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [busy]);
  const phone: Phone = {
    ...state,
    worn,
    start: () => engine.start(),
    stop: () => engine.stop(),
    take: () => void engine.take(),
    leaveIt: () => engine.leaveIt(),
    quality: engine.quality,
    answer: (call) => void engine.send({ do: 'answer', call }),
    reject: (call) => void engine.send({ do: 'reject', call }),
    hangUp: (call) => void engine.send({ do: 'hangup', call }),
    mute: (on) => engine.mute(on),
    digit: (call, key) => void engine.send({ do: 'digit', call, key }),
    dial: async (whom) => {
      await engine.send({ do: 'dial', ...whom });
    },
  };
  return <Here value={phone}>{children}</Here>;
}
