// Mark is something that happened while a recording ran.
export interface Mark {
  at: number; // s from its beginning
  what: string;
}

// Place is where the word of a mark stands: from it on, or where it is late before it.
export interface Place {
  late: boolean;
  room: number; // for the word, of the waveform's length; 0: there is none, beside another one's
}

const least = 0.08; // of the waveform's length, that a word needs
const late = 0.9; // of the length, from where on a word stands before its mark

// placed says of marks, by their times in order, where their words stand: each has the way to the next one that has a word.
export function placed(at: number[], length: number): Place[] {
  const where = at.map((s) => s / length);
  const worded = where.map(() => false);
  let last = Number.NEGATIVE_INFINITY;
  for (const [i, x] of where.entries()) {
    worded[i] = x - last >= least;
    if (worded[i]) last = x;
  }
  // A word after its mark and the next one before its own share what is between them.
  const way = (from: number, to: number) => (from <= late && to > late ? (to - from) / 2 : to - from);
  return where.map((x, i) => {
    const before = where.findLast((_, j) => j < i && worded[j]);
    const next = where.find((_, j) => j > i && worded[j]);
    if (!worded[i]) return { late: x > late, room: 0 };
    if (x > late) return { late: true, room: before === undefined ? x : way(before, x) };
    return { late: false, room: next === undefined ? 1 - x : way(x, next) };
  });
}
