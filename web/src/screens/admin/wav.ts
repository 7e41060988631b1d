// asWAV writes a sound as a WAV file: one channel, 16 bit.
export function asWAV(samples: Float32Array, rate: number): Blob {
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at: number, s: string) => {
    for (let i = 0; i < s.length; i++) view.setUint8(at + i, s.charCodeAt(i));
  };
  text(0, 'RIFF');
  view.setUint32(4, 36 + samples.length * 2, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, samples.length * 2, true);
  for (const [i, x] of samples.entries()) view.setInt16(44 + i * 2, Math.round(Math.max(-1, Math.min(1, x)) * 32767), true);
  return new Blob([view.buffer], { type: 'audio/wav' });
}

// record listens to the microphone until stop is called, which gives the sound.
export async function record(): Promise<{ stop: () => Promise<Blob> }> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream);
  const parts: Blob[] = [];
  recorder.ondataavailable = (e) => parts.push(e.data);
  const ended = new Promise<void>((done) => {
    recorder.onstop = () => done();
  });
  recorder.start();
  return {
    stop: async () => {
      recorder.stop();
      await ended;
      for (const track of stream.getTracks()) track.stop();
      const context = new AudioContext();
      try {
        const sound = await context.decodeAudioData(await new Blob(parts).arrayBuffer());
        return asWAV(sound.getChannelData(0), sound.sampleRate);
      } finally {
        await context.close();
      }
    },
  };
}
