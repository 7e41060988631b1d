export interface Stretch {
  from: number; // s
  to: number; // s
}

const frame = 0.1; // s
const threshold = 0.012; // of full scale: some -38 dB, above the noise of a telephone line
const shortest = 1.5; // s; a shorter pause belongs to speech

interface Sound {
  numberOfChannels: number;
  sampleRate: number;
  length: number;
  getChannelData(channel: number): Float32Array;
}

// silences are the stretches in which no channel is louder than the noise of a line.
export function silences(sound: Sound): Stretch[] {
  const step = Math.max(1, Math.round(frame * sound.sampleRate));
  const channels = Array.from({ length: sound.numberOfChannels }, (_, i) => sound.getChannelData(i));
  const quiet: Stretch[] = [];
  let begun = -1;
  const end = (at: number) => {
    if (begun >= 0 && at - begun >= shortest) quiet.push({ from: begun, to: at });
    begun = -1;
  };
  for (let i = 0; i < sound.length; i += step) {
    const loud = channels.some((c) => peak(c, i, Math.min(i + step, sound.length)) > threshold);
    if (loud) end(i / sound.sampleRate);
    else if (begun < 0) begun = i / sound.sampleRate;
  }
  end(sound.length / sound.sampleRate);
  return quiet;
}

function peak(samples: Float32Array, from: number, to: number): number {
  let most = 0;
  for (let i = from; i < to; i++) most = Math.max(most, Math.abs(samples[i] ?? 0));
  return most;
}
