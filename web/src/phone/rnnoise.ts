// RNNoise behind a microphone, in a thread of its own. Loaded only where somebody wants it: it is heavier than the rest of the telephone.
import { loadRnnoise, RnnoiseWorkletNode } from '@sapphi-red/web-noise-suppressor';
import plain from '@sapphi-red/web-noise-suppressor/rnnoise.wasm?url';
import simd from '@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm?url';
import worklet from '@sapphi-red/web-noise-suppressor/rnnoiseWorklet.js?url';
import { decibels, type MakeFilter, Watchdog } from './noise';

const look = 100; // ms
const rate = 48_000; // Hz that RNNoise is made for

export const filter: MakeFilter = async (microphone, failed) => {
  const context = new AudioContext({ sampleRate: rate });
  let timer: ReturnType<typeof setInterval> | undefined;
  const close = () => {
    clearInterval(timer);
    if (context.state !== 'closed') void context.close();
  };
  try {
    const [wasmBinary] = await Promise.all([loadRnnoise({ url: plain, simdUrl: simd }), context.audioWorklet.addModule(worklet)]);
    const source = context.createMediaStreamSource(new MediaStream([microphone]));
    const node = new RnnoiseWorkletNode(context, { maxChannels: 1, wasmBinary });
    const sink = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    const [into, from] = [context.createAnalyser(), context.createAnalyser()];
    source.connect(into);
    source.connect(node).connect(sink);
    node.connect(from);
    const dog = new Watchdog();
    const samples = new Float32Array(into.fftSize);
    const level = (of: AnalyserNode) => {
      of.getFloatTimeDomainData(samples);
      return decibels(samples);
    };
    timer = setInterval(() => {
      if (!dog.fails(performance.now(), level(into), level(from), context.state === 'running')) return;
      close();
      failed();
    }, look);
    void context.resume();
    return { track: sink.stream.getAudioTracks()[0] as MediaStreamTrack, close };
  } catch (err) {
    close();
    throw err;
  }
};
