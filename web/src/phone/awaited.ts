import type { State } from './engine';

// awaited is whether the telephone of a tab is on its way and not there yet, as after a reload; false where it has the calls, where another tab
// or computer has them, and where it is not wanted or cannot be.
export const awaited = (s: Pick<State, 'on' | 'up' | 'book' | 'elsewhere' | 'trouble'> | null, wanted: boolean): boolean =>
  s !== null && wanted && !s.book.reach && !(s.up && s.elsewhere) && !(s.trouble && !s.on);
