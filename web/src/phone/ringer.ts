import { into } from './devices';

// Ringer rings: two tones, one second on, two off, as a desk phone does.
export class Ringer {
  private context?: AudioContext;
  private timer?: ReturnType<typeof setInterval>;

  ring(on: boolean) {
    if (on === (this.timer !== undefined)) return;
    if (!on) {
      clearInterval(this.timer);
      this.timer = undefined;
      return;
    }
    this.sound();
    this.timer = setInterval(() => this.sound(), 3_000);
  }

  // once rings once, for trying.
  once() {
    this.sound();
  }

  private sound() {
    this.context ??= new AudioContext();
    void into(this.context as AudioContext & { setSinkId?: (id: string) => Promise<void> }, 'ringer');
    const gain = this.context.createGain();
    const now = this.context.currentTime;
    gain.gain.setValueAtTime(0, now);
    gain.gain.linearRampToValueAtTime(0.12, now + 0.02);
    gain.gain.setValueAtTime(0.12, now + 0.98);
    gain.gain.linearRampToValueAtTime(0, now + 1);
    gain.connect(this.context.destination);
    for (const hertz of [440, 480]) {
      const tone = this.context.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(gain);
      tone.start(now);
      tone.stop(now + 1);
    }
  }
}
