import { quiet } from './noise';

// The devices that a person chose for this browser: microphone, loudspeaker, and what rings. "" is the system's own.
export type Use = 'microphone' | 'speaker' | 'ringer';

const key = (use: Use) => `hotline.${use}`;

export const chosenDevice = (use: Use): string => localStorage.getItem(key(use)) ?? '';
export const chooseDevice = (use: Use, id: string) => localStorage.setItem(key(use), id);

// into sends what an element or a context plays to the chosen device; where that is gone, or the browser cannot choose, to the system's.
export async function into(out: { setSinkId?: (id: string) => Promise<void> }, use: Use) {
  try {
    await out.setSinkId?.(chosenDevice(use));
  } catch {
    await out.setSinkId?.('').catch(() => {});
  }
}

// microphoneOf are the constraints of the microphone: the chosen one where it is there, with or without the browser's suppression of noise.
// filters says that RNNoise follows, and two of them would only harm the voice.
export function microphoneOf(filters: boolean): MediaTrackConstraints {
  const on = quiet();
  return {
    deviceId: chosenDevice('microphone') ? { ideal: chosenDevice('microphone') } : undefined,
    echoCancellation: on,
    noiseSuppression: on && !filters,
    autoGainControl: on,
  };
}
