// One clock ticks for all that counts on the screen, so that a thousand counters are drawn together.
let now = Date.now();
let still = false; // it stands
let ticking: ReturnType<typeof setInterval> | undefined;
const counters = new Set<() => void>();

// present is the time that is shown, ms.
export const present = () => now;

function show(ms: number) {
  now = ms;
  for (const count of counters) count();
}

function tick() {
  if (!still) show(Date.now());
}

// counting calls count each second until what it gives is called.
export function counting(count: () => void): () => void {
  counters.add(count);
  if (!ticking) {
    ticking = setInterval(tick, 1000);
    if (!still) now = Date.now();
  }
  return () => {
    counters.delete(count);
    if (counters.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

// stand lets all that counts stand at a time, ms, as long as the server is not heard: what lasts yet is not known. 0: it goes on.
export function stand(at: number) {
  still = at > 0;
  show(at || Date.now());
}
