import type { MakeFilter } from './noise';

// rnnoise is the filter of who wants RNNoise; it is loaded when it is first wanted.
export const rnnoise: MakeFilter = async (microphone, failed) => (await import('./rnnoise')).filter(microphone, failed);
