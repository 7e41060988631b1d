// Quality is how the sound of a call comes through: round trip and jitter in ms, loss in parts of 1, and the mean opinion score (1 to 4.5)
// that ITU-T G.107 makes of them.
export interface Quality {
  rtt: number;
  jitter: number;
  loss: number;
  mos: number;
  way: string; // udp or tcp
  codec: string;
}

// mos is the E-model (ITU-T G.107) for G.711 with concealment: delay and loss take from 93.2, and R becomes a score.
export function mos(rtt: number, jitter: number, loss: number): number {
  const delay = rtt / 2 + 2 * jitter + 20;
  const late = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
  const lost = (95 * loss * 100) / (loss * 100 + 25.1); // Bpl of G.711 with concealment, ITU-T G.113 appendix I
  const r = Math.min(100, Math.max(0, 93.2 - late - lost));
  return 1 + 0.035 * r + 7e-6 * r * (r - 60) * (100 - r);
}

type Stat = Record<string, unknown> & { type: string; id: string };

// qualityOf reads a connection's statistics (W3C webrtc-stats).
export function qualityOf(all: Stat[]): Quality | undefined {
  const inbound = all.find((s) => s.type === 'inbound-rtp');
  const pair = all.find((s) => s.type === 'candidate-pair' && s.nominated === true && s.state === 'succeeded');
  if (!inbound || !pair) return undefined;
  const number = (x: unknown) => (typeof x === 'number' ? x : 0);
  const rtt = number(pair.currentRoundTripTime) * 1000;
  const jitter = number(inbound.jitter) * 1000;
  const lost = Math.max(0, number(inbound.packetsLost));
  const loss = lost / Math.max(1, lost + number(inbound.packetsReceived));
  const codec = all.find((s) => s.id === inbound.codecId)?.mimeType;
  const way = all.find((s) => s.id === pair.localCandidateId)?.protocol;
  return { rtt, jitter, loss, mos: mos(rtt, jitter, loss), way: String(way ?? ''), codec: String(codec ?? '').replace('audio/', '') };
}
