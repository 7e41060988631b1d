import { clock, useNow } from './time';

// Since is how long something has lasted. It alone is drawn anew each second, not what it stands in; nothing for a time that is none.
export function Since({ at }: { at?: string }) {
  const now = useNow();
  const from = Date.parse(at ?? '');
  return from > 0 ? <span className="num">{clock(now - from)}</span> : null;
}
