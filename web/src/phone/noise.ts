// How noise is taken out of a microphone: by the browser itself, by RNNoise in this page, or not at all.

const suppress = 'hotline.noise';
const deep = (agent: string) => `hotline.rnnoise.${agent}`;

// quiet is whether the browser takes noise out of the microphone. It takes steady tones out too, which a sound check does not want.
export const quiet = () => localStorage.getItem(suppress) !== 'no';
export const setQuiet = (on: boolean) => localStorage.setItem(suppress, on ? 'yes' : 'no');

// filters is whether this agent wants RNNoise; others who sit at the same computer have their own choice.
export const filters = (agent: string) => localStorage.getItem(deep(agent)) === 'yes';
export const setFilters = (agent: string, on: boolean) => localStorage.setItem(deep(agent), on ? 'yes' : 'no');

// decibels is how loud samples are, in dB of the loudest there can be; -120 for silence.
export const decibels = (samples: Float32Array) => 10 * Math.log10(samples.reduce((sum, x) => sum + x * x, 0) / samples.length + 1e-12);

const spoken = -50; // dB of a microphone into which somebody speaks
const silent = -110; // dB: nothing but zeros. What RNNoise leaves of noise alone is louder
const deaf = 1_000; // ms of speech that may be lost

// Watchdog sees whether a filter still lets speech through. One that cannot run, because the browser forbids its code or its thread is
// gone, says nothing and gives out silence.
export class Watchdog {
  private lost = 0;
  private before?: number;

  // fails is true once speech of a second went in and nothing came out, or the filter stood still as long. now is in ms, levels in dB.
  fails(now: number, input: number, output: number, running: boolean): boolean {
    const passed = Math.min(500, now - (this.before ?? now)); // a page in the background is not asked often
    this.before = now;
    if (running && output >= silent) this.lost = 0;
    else if (!running || input > spoken) this.lost += passed;
    return this.lost >= deaf;
  }
}

// Filter is a microphone with less noise in it.
export interface Filter {
  track: MediaStreamTrack; // what is to be heard in place of the microphone
  close: () => void;
}

// MakeFilter puts a filter behind a microphone. failed is called once if nothing of it comes through any more: whoever uses it goes back to
// the microphone then. It is rejected where a part of the filter cannot be loaded.
export type MakeFilter = (microphone: MediaStreamTrack, failed: () => void) => Promise<Filter>;
