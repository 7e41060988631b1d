import dayjs from 'dayjs';
import { useEffect, useState } from 'react';

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

// useNow is the present, told anew each second while something on the screen counts.
export function useNow(on = true): number {
  const [now, set] = useState(Date.now);
  useEffect(() => {
    if (!on) return;
    const timer = setInterval(() => set(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [on]);
  return now;
}
