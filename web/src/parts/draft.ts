// Drafts are texts that somebody is writing, kept in this browser until they are saved: a reload or a crash loses none.

interface Shelf {
  getItem: (key: string) => string | null;
  setItem: (key: string, text: string) => void;
  removeItem: (key: string) => void;
  key: (i: number) => string | null;
  readonly length: number;
}

const prefix = 'hotline.draft.';
const most = 50; // drafts kept; the oldest go

interface Kept {
  at: number; // ms
  text: string;
}

function kept(shelf: Shelf, key: string): Kept | undefined {
  try {
    const k = JSON.parse(shelf.getItem(key) ?? '') as Kept;
    return typeof k.text === 'string' && typeof k.at === 'number' ? k : undefined;
  } catch {
    return undefined;
  }
}

// readDraft is the text kept for something; "" for none.
export const readDraft = (of: string, shelf: Shelf = localStorage) => kept(shelf, prefix + of)?.text ?? '';

// keepDraft keeps a text; an empty one is forgotten.
export function keepDraft(of: string, text: string, shelf: Shelf = localStorage, now = Date.now()) {
  if (text.trim() === '') {
    shelf.removeItem(prefix + of);
    return;
  }
  shelf.setItem(prefix + of, JSON.stringify({ at: now, text } satisfies Kept));
  const all = Array.from({ length: shelf.length }, (_, i) => shelf.key(i) ?? '').filter((k) => k.startsWith(prefix));
  const byAge = all.sort((a, b) => (kept(shelf, b)?.at ?? 0) - (kept(shelf, a)?.at ?? 0));
  for (const old of byAge.slice(most)) shelf.removeItem(old);
}
