export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export interface Hours {
  days: string[];
  from: string; // 09:00
  to: string; // 18:00; 24:00 is the end of the day
}

// clockOf is a time of day as people type it (9, 930, 9:30, 24), written as 09:30; undefined: it is none. The end of a day is 24:00,
// however it is typed; ends says that it is one that is meant.
export function clockOf(typed: string, ends = false): string | undefined {
  const found = /^(\d{1,2})(?:[:：.]?(\d{2}))?$/.exec(typed.trim());
  if (!found) return undefined;
  const [hour, minute] = [Number(found[1]), Number(found[2] ?? 0)];
  if (minute > 59 || hour * 60 + minute > 1440) return undefined;
  const at = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
  if (ends) return at === '00:00' ? '24:00' : at;
  return at === '24:00' ? '00:00' : at;
}

// wrongIn is what a line of hours lacks; undefined: nothing.
export function wrongIn(line: string): 'noDays' | 'wrongTime' | undefined {
  const { days, from, to } = splitWeekly(line);
  if (days.length === 0) return 'noDays';
  return clockOf(from) === undefined || clockOf(to, true) === undefined || from === to ? 'wrongTime' : undefined;
}

// splitWeekly reads a line such as "mon-fri 09:00-18:00" or "sat,sun 22:00-06:00".
export function splitWeekly(line: string): Hours {
  const [days = '', times = ''] = line.split(/\s+/, 2); // one without days begins with a space
  const [from = '09:00', to = '18:00'] = times.split('-');
  const all = new Set<string>();
  for (const part of (days === 'daily' ? 'mon-sun' : days).split(',')) {
    const [first = '', last = first] = part.split('-');
    let i = weekdays.indexOf(first);
    const end = weekdays.indexOf(last);
    if (i < 0 || end < 0) continue;
    for (;;) {
      all.add(weekdays[i] as string);
      if (i === end) break;
      i = (i + 1) % 7;
    }
  }
  return { days: weekdays.filter((d) => all.has(d)), from, to };
}

// joinWeekly writes such a line, with runs of days as one.
export function joinWeekly({ days, from, to }: Hours): string {
  const on = weekdays.map((d) => days.includes(d));
  if (on.every(Boolean)) return `daily ${from}-${to}`;
  const parts: string[] = [];
  for (let i = 0; i < 7; i++) {
    if (!on[i] || (i > 0 && on[i - 1])) continue;
    let end = i;
    while (end < 6 && on[end + 1]) end++;
    parts.push(end === i ? (weekdays[i] as string) : `${weekdays[i]}-${weekdays[end]}`);
  }
  return `${parts.join(',')} ${from}-${to}`;
}
