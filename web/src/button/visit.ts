import { Line } from '../phone/line';
import type { Call, Event } from '../phone/protocol';
import { Sound } from '../phone/sound';
import { known, type Word } from './texts';

// State is what the visitor sees of their call.
export interface State {
  step: 'idle' | 'starting' | 'calling' | 'talking' | 'over';
  up: boolean; // connected to the server
  since: number; // ms, of talking
  muted: boolean;
  trouble?: Word;
}

const idle: State = { step: 'idle', up: true, since: 0, muted: false };

// Visit is one call of a visitor's, from the click to its end.
export class Visit {
  state = idle;
  private line?: Line;
  private call = '';
  private key = '';
  private sound = new Sound(
    async (call, sdp) => (await this.line?.send({ do: 'media', call, sdp }))?.sdp ?? '',
    (call) => void this.connect(call),
  );

  constructor(
    private server: string,
    private customer: string | undefined,
    private tell: () => void,
  ) {}

  private set(more: Partial<State>) {
    this.state = { ...this.state, ...more };
    this.tell();
  }

  // start calls; it must come from a click, so that the browser asks for the microphone and lets us be heard.
  async start() {
    if (this.state.step !== 'idle' && this.state.step !== 'over') return;
    this.state = { ...idle, step: 'starting' };
    this.tell();
    try {
      if (!navigator.mediaDevices) throw new Error('insecure');
      await this.sound.begin();
    } catch (err) {
      this.end((err as Error).message === 'insecure' ? 'insecure' : 'microphone');
      return;
    }
    const line = new Line(
      () => ({ customer: this.customer, resume: this.key }),
      (ev) => this.hear(ev),
      (up) => {
        if (this.state.step === 'starting' && !up) this.end('failed');
        else this.set({ up });
      },
      `${this.server}/api/v1/button/call`,
    );
    line.refused = (why) => this.end(known(why.cause));
    this.line = line;
    line.open(true);
  }

  private hear(ev: Event) {
    switch (ev.event) {
      case 'snapshot': {
        this.key = ev.key ?? '';
        const call = ev.calls.find((c) => c.id === this.call);
        if (call) this.follow(call);
        else if (this.call) this.end('failed');
        else void this.dial();
        break;
      }
      case 'call':
        if (ev.call.id === this.call) this.follow(ev.call);
        break;
      case 'ended':
        if (ev.id === this.call) this.end(this.state.step === 'talking' ? undefined : 'failed');
    }
  }

  private async dial() {
    try {
      this.call = (await this.line?.send({ do: 'dial' }))?.call ?? '';
      if (!this.call) return;
      this.set({ step: 'calling' });
      await this.connect(this.call);
    } catch (err) {
      this.end(known((err as Error).cause));
    }
  }

  private async connect(call: string) {
    try {
      await this.sound.connect(call);
    } catch {
      if (this.state.up && this.call === call) this.end('failed');
    }
  }

  private follow(call: Call) {
    if (call.media === 'none' && this.state.step === 'talking') void this.connect(call.id);
    if (call.state === 'talking' && this.state.step !== 'talking') this.set({ step: 'talking', since: Date.now() });
  }

  press(key: string) {
    if (this.call) this.line?.send({ do: 'digit', call: this.call, key }).catch(() => {});
  }

  mute(on: boolean) {
    this.sound.mute(on);
    this.set({ muted: on });
    if (this.call) this.line?.send({ do: 'mute', call: this.call, on }).catch(() => {});
  }

  hangUp() {
    if (this.call) this.line?.send({ do: 'hangup', call: this.call }).catch(() => {});
    this.end();
  }

  // close puts the panel away after a call.
  close() {
    if (this.state.step === 'over') this.set(idle);
  }

  private end(trouble?: Word) {
    this.line?.close();
    this.line = undefined;
    this.sound.mute(false);
    this.sound.end();
    this.call = '';
    this.key = '';
    this.set({ step: 'over', up: true, muted: false, trouble });
  }
}
