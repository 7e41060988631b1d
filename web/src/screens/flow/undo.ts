import { useEffect, useReducer } from 'react';

interface State {
  past: string[];
  text: string;
  future: string[];
  revision: number; // that the text was made from
}

type Act = { do: 'write'; text: string } | { do: 'undo' } | { do: 'redo' } | { do: 'reset'; text: string; revision: number };

const most = 200;

function step(s: State, a: Act): State {
  switch (a.do) {
    case 'write':
      return a.text === s.text ? s : { ...s, past: [...s.past.slice(-most), s.text], text: a.text, future: [] };
    case 'undo': {
      const before = s.past.at(-1);
      return before === undefined ? s : { ...s, past: s.past.slice(0, -1), text: before, future: [s.text, ...s.future] };
    }
    case 'redo': {
      const [next, ...rest] = s.future;
      return next === undefined ? s : { ...s, past: [...s.past, s.text], text: next, future: rest };
    }
    case 'reset':
      return { past: [], text: a.text, future: [], revision: a.revision };
  }
}

// kept is a draft of this tab that was not published; none where there is none.
function draft(key: string): { text: string; revision: number } | undefined {
  try {
    const found = JSON.parse(sessionStorage.getItem(key) ?? 'null');
    return typeof found?.text === 'string' && typeof found.revision === 'number' ? found : undefined;
  } catch {
    return undefined;
  }
}

// useHistory is a text that is edited: undone, done again, and kept over a reload of the tab until it is published or given up.
export function useHistory(key: string, published: string, revision: number) {
  const [state, act] = useReducer(step, undefined, () => ({ past: [], future: [], ...(draft(key) ?? { text: published, revision }) }));
  const { text } = state;
  useEffect(() => {
    if (text === published) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify({ text, revision: state.revision }));
  }, [key, text, published, state.revision]);
  // What was published from here, or by others while nothing is edited here, is what the next change is made from.
  useEffect(() => {
    if (state.past.length === 0 && text !== published && !draft(key)) act({ do: 'reset', text: published, revision });
    else if (text === published && state.revision !== revision) act({ do: 'reset', text: published, revision });
  }, [key, published, revision, text, state.past.length, state.revision]);
  useEffect(() => {
    const hear = (e: KeyboardEvent) => {
      const typing = e.target instanceof HTMLElement && e.target.closest('input, textarea, [contenteditable]');
      if (!(e.ctrlKey || e.metaKey) || typing || e.key.toLowerCase() !== 'z') return;
      e.preventDefault();
      act({ do: e.shiftKey ? 'redo' : 'undo' });
    };
    window.addEventListener('keydown', hear);
    return () => window.removeEventListener('keydown', hear);
  }, []);
  return {
    text,
    revision: state.revision,
    canUndo: state.past.length > 0,
    canRedo: state.future.length > 0,
    write: (next: string) => act({ do: 'write', text: next }),
    undo: () => act({ do: 'undo' }),
    redo: () => act({ do: 'redo' }),
    discard: () => act({ do: 'reset', text: published, revision }),
    settle: () => sessionStorage.removeItem(key),
  };
}
