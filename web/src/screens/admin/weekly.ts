export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export interface Hours {
  days: string[];
  from: string; // 09:00
  to: string; // 18:00; 24:00 is the end of the day
}

// splitWeekly reads a line such as "mon-fri 09:00-18:00" or "sat,sun 22:00-06:00".
export function splitWeekly(line: string): Hours {
  const [days = '', times = ''] = line.trim().split(/\s+/, 2);
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
