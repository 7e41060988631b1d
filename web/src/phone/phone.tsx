import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { useTab } from '../live';
import { useMe } from '../session';
import { rnnoise } from './deep';
import type { Line } from './line';
import { filters } from './noise';
import { browser, device } from './place';
import { apply, type Book, type Call, type Event, nothing } from './protocol';
import type { Quality } from './quality';
import { Ringer } from './ringer';
import { Seat } from './seat';
import { Sound } from './sound';
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

interface State {
  on: boolean;
  up: boolean;
  book: Book;
  muted: boolean;
  trouble: string;
  noisy: boolean;
  elsewhere: '' | 'tab' | 'computer';
  asked: boolean;
}

const before: State = { on: false, up: false, book: nothing, muted: false, trouble: '', noisy: false, elsewhere: '', asked: false };

const wanted = 'hotline.phone';

// Engine owns the connection and the sound; screens are told its state whole.
class Engine {
  private state: State = before;
  private seat = new Seat(navigator.locks);
  private ringer = new Ringer();
  private sound = new Sound(
    async (call, sdp) => (await this.line.send({ do: 'media', call, sdp }))?.sdp ?? '',
    (call) => void this.connect(call),
    () => void this.send({ do: 'ready', on: this.sound.ready }),
    (noisy) => this.set({ noisy }),
  );

  constructor(
    private tell: (s: State) => void,
    private line: Line,
    private agent: string,
  ) {
    line.hello = () => (this.state.on ? { device: device(navigator.userAgent), browser: browser(), take: this.seat.held } : undefined);
    line.hear = (ev) => {
      this.set({ book: apply(this.state.book, ev) });
      this.place(ev);
      this.follow(ev.event === 'snapshot' || ev.event === 'owner');
    };
    line.state = (up) => this.set({ up });
    this.seat.lost = () => {
      // The server's word of it may have come before the browser's.
      if (this.state.elsewhere) this.set({ elsewhere: 'tab', asked: false });
    };
    line.refused = (why) => {
      this.stop();
      this.set({ trouble: why.message });
    };
  }

  private set(more: Partial<State>) {
    this.state = { ...this.state, ...more };
    this.tell(this.state);
  }

  async start() {
    if (this.state.on) return;
    try {
      await this.sound.begin(filters(this.agent) ? rnnoise : undefined);
    } catch (err) {
      this.set({ trouble: (err as Error).message });
      return;
    }
    localStorage.setItem(wanted, 'yes');
    await this.seat.sit();
    this.set({ on: true, trouble: '' });
    this.line.greet(this.seat.held);
  }

  // place follows the sound to where it is: the tab that has it has the seat.
  private place(ev: Event) {
    if (ev.event !== 'snapshot' && ev.event !== 'owner') return;
    if (this.state.book.owner) {
      void this.seat.seize();
      this.set({ elsewhere: '', asked: false });
      return;
    }
    const elsewhere = this.seat.held ? 'computer' : 'tab';
    this.set({ elsewhere, asked: ev.event === 'snapshot' && elsewhere === 'computer' });
  }

  async take() {
    await this.seat.seize();
    await this.send({ do: 'take' });
  }

  leaveIt() {
    this.set({ asked: false });
  }

  stop() {
    localStorage.removeItem(wanted);
    this.set({ on: false, up: false, book: nothing, elsewhere: '', asked: false });
    this.end();
    this.line.renew();
  }

  end() {
    this.seat.stand();
    this.sound.end();
    this.ringer.ring(false);
  }

  // follow brings the sound in step with what the server says.
  private follow(anew: boolean) {
    const { owner, calls } = this.state.book;
    if (anew && owner) {
      void this.send({ do: 'ready', on: this.sound.ready });
      void this.sound.standBy();
    }
    if (!owner) this.sound.standDown();
    if (calls.length === 0 && this.state.muted) this.mute(false); // the next caller is heard by default
    this.ringer.ring(owner && calls.some((c) => c.state === 'ringing'));
    this.sound.keep(owner ? calls.map((c) => c.id) : []);
    if (!owner) return;
    for (const c of calls) if (!this.sound.has(c.id)) void this.connect(c.id);
  }

  // connect makes a call's sound as soon as it rings, so that an answer is heard at once.
  private async connect(call: string) {
    try {
      await this.sound.connect(call);
      this.set({ trouble: '' });
    } catch (err) {
      if (this.state.book.calls.some((c) => c.id === call)) this.set({ trouble: (err as Error).message });
    }
  }

  async send(command: { do: string } & Record<string, unknown>) {
    try {
      return await this.line.send(command);
    } catch (err) {
      this.set({ trouble: (err as Error).message });
      return undefined;
    }
  }

  quality = (call: string) => this.sound.quality(call);

  mute(on: boolean) {
    this.sound.mute(on);
    this.set({ muted: on });
    for (const c of this.state.book.calls) void this.send({ do: 'mute', call: c.id, on });
  }
}

const Here = createContext<Phone | null>(null);

// usePhone is the telephone of this tab; null for who has none.
export const usePhone = () => useContext(Here);

// current is the call to show: the one that is talked on, else the one that rings.
export const current = (book: Book): Call | undefined =>
  book.calls.find((c) => c.state === 'talking') ?? book.calls.find((c) => c.state === 'dialling') ?? book.calls[0];

// Telephone gives its screens a telephone. It starts by itself where it was on when the page was left, and the browser lets it.
export function Telephone({ children }: { children: ReactNode }) {
  const [state, setState] = useState<State>(before);
  const { line } = useTab();
  const { agent = '' } = useMe();
  const engine = useMemo(() => new Engine(setState, line, agent), [line, agent]);
  const worn = useMemo(() => new Worn(), []);
  useEffect(() => {
    if (localStorage.getItem(wanted)) void engine.start();
    return () => engine.end();
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
