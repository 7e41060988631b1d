import type { Stretch } from './silence';

const step = 1.5; // s that the place may move between two looks and still be playing, at three times the speed

// Ear notes which parts of a recording sounded, from where the player is at each look. It is told of jumps by the places alone.
export class Ear {
  private parts: Stretch[] = [];
  private at?: number;

  // hear takes the place of now; playing: the sound between this look and the one before was heard.
  hear(at: number, playing: boolean) {
    const last = this.parts.at(-1);
    if (playing && this.at !== undefined && at > this.at && at - this.at <= step) {
      if (last && last.to === this.at) last.to = at;
      else this.parts.push({ from: this.at, to: at });
    }
    this.at = playing ? at : undefined;
  }

  // take gives what was heard since it was last asked, the shortest crumbs left out.
  take(): Stretch[] {
    const heard = this.parts.filter((p) => p.to - p.from >= 0.1).map(({ from, to }) => ({ from: round(from), to: round(to) }));
    this.parts = [];
    return heard;
  }
}

const round = (s: number) => Math.round(s * 10) / 10;

// union is parts that were heard, in order and each once: what is drawn.
export function union(parts: Stretch[]): Stretch[] {
  const all: Stretch[] = [];
  for (const p of [...parts].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && p.from <= last.to) last.to = Math.max(last.to, p.to);
    else all.push({ ...p });
  }
  return all;
}
