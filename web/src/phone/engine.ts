import { inWords } from '../api/client';
import { rnnoise } from './deep';
import type { Line } from './line';
import { filters } from './noise';
import { browser, device } from './place';
import { apply, type Book, type Event, nothing } from './protocol';
import { Ringer } from './ringer';
import { Seat } from './seat';
import { Sound } from './sound';

export interface State {
  on: boolean;
  up: boolean;
  book: Book;
  muted: boolean;
  trouble: string;
  noisy: boolean;
  elsewhere: '' | 'tab' | 'computer';
  asked: boolean;
}

export const before: State = { on: false, up: false, book: nothing, muted: false, trouble: '', noisy: false, elsewhere: '', asked: false };

const wanted = 'hotline.phone';

// wants is whether the agent left the page with the telephone on: then it starts by itself.
export const wants = () => localStorage.getItem(wanted) !== null;

const inCall = 'hotline.call';

// wasInCall is whether this tab had a call when the page was left.
export const wasInCall = () => wants() && sessionStorage.getItem(inCall) !== null;

// Engine owns the sound, and what the connection says of calls; whoever shows it is told its state whole. It needs no page.
export class Engine {
  state: State = before;
  tell: (s: State) => void = () => {};
  private starting?: Promise<void>;
  private settle = () => {};
  // settled is when the calls that the server told of have their sound on its way, or cannot have it.
  readonly settled = new Promise<void>((done) => {
    this.settle = done;
  });
  private seat = new Seat(navigator.locks);
  private ringer = new Ringer();
  private sound = new Sound(
    async (call, sdp) => (await this.line.send({ do: 'media', call, sdp }))?.sdp ?? '',
    (call) => void this.connect(call),
    () => void this.send({ do: 'ready', on: this.sound.ready }),
    (noisy) => this.set({ noisy }),
  );

  constructor(
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
      void this.complain(why);
    };
  }

  private async complain(err: unknown) {
    this.set({ trouble: await inWords((err as Error).message) });
  }

  private set(more: Partial<State>) {
    this.state = { ...this.state, ...more };
    this.tell(this.state);
  }

  // start asks for the microphone and greets the server; while that is under way nothing more is done.
  start(): Promise<void> {
    this.starting ??= this.begin().finally(() => (this.starting = undefined));
    return this.starting;
  }

  private async begin() {
    if (this.state.on) return;
    try {
      await this.sound.begin(filters(this.agent) ? rnnoise : undefined);
    } catch (err) {
      void this.complain(err);
      this.settle();
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
    this.set({ on: false });
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
    if (owner && calls.length > 0) sessionStorage.setItem(inCall, 'yes');
    else sessionStorage.removeItem(inCall);
    if (calls.length === 0 && this.state.muted) this.mute(false); // the next caller is heard by default
    this.ringer.ring(owner && calls.some((c) => c.state === 'ringing'));
    this.sound.keep(owner ? calls.map((c) => c.id) : []);
    const joining = owner ? calls.filter((c) => !this.sound.has(c.id)).map((c) => this.connect(c.id)) : [];
    if (anew) void Promise.all(joining).then(this.settle);
  }

  // connect makes a call's sound as soon as it rings, so that an answer is heard at once.
  private async connect(call: string) {
    try {
      await this.sound.connect(call);
      this.set({ trouble: '' });
    } catch (err) {
      if (this.state.book.calls.some((c) => c.id === call)) void this.complain(err);
    }
  }

  async send(command: { do: string } & Record<string, unknown>) {
    try {
      return await this.line.send(command);
    } catch (err) {
      void this.complain(err);
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
