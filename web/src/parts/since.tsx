import { clock, useNow } from './time';

// Since is how long something has lasted. It alone is drawn anew each second, not what it stands in; nothing for a time that is none.
// It stands still while still is true.
export function Since({ at, still }: { at?: string; still?: boolean }) {
  const now = useNow(!still);
  const from = Date.parse(at ?? '');
  return from > 0 ? <span className="num">{clock(now - from)}</span> : null;
}
