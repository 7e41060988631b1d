// chime sounds twice, short and low: loud enough for a room, not to be taken for a telephone.
let context: AudioContext | undefined;

export async function chime() {
  context ??= new AudioContext();
  await context.resume();
  const now = context.currentTime;
  for (const at of [0, 0.35]) {
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.type = 'triangle';
    tone.frequency.value = 523;
    gain.gain.setValueAtTime(0, now + at);
    gain.gain.linearRampToValueAtTime(0.2, now + at + 0.02);
    gain.gain.linearRampToValueAtTime(0, now + at + 0.28);
    tone.connect(gain).connect(context.destination);
    tone.start(now + at);
    tone.stop(now + at + 0.3);
  }
}
