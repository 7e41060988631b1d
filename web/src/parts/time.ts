import dayjs from 'dayjs';
import { useSyncExternalStore } from 'react';
import { counting, present } from './present';

// clock prints a duration as 0:07, 12:34 or 1:02:03.
export function clock(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

// stamp prints a time: of today without its date, of this year without the year.
export function stamp(at?: string, now = dayjs()): string {
  if (!at) return '';
  const d = dayjs(at);
  if (d.isSame(now, 'day')) return d.format('HH:mm:ss');
  return d.format(d.isSame(now, 'year') ? 'MM-DD HH:mm:ss' : 'YYYY-MM-DD HH:mm:ss');
}

// size prints bytes as people say them: 512 B, 1.5 MB, 20 GB.
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const at = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const n = bytes / 1000 ** at;
  return `${n >= 10 || at === 0 ? Math.round(n) : n.toFixed(1)} ${units[at]}`;
}

// within prints how long ago something was, with days, which are said in words: 2 days 3:04:05.
export function within(at: string, said: (days: number) => string, now = dayjs()): string {
  const ms = now.diff(dayjs(at));
  const days = Math.floor(ms / 86_400_000);
  return `${days > 0 ? `${said(days)} ` : ''}${clock(ms % 86_400_000)}`;
}

const never = () => () => {};

// useNow is the present, told anew each second while something on the screen counts.
export const useNow = (on = true): number => useSyncExternalStore(on ? counting : never, present);
