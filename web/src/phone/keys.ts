import { useEffect, useRef, useSyncExternalStore } from 'react';

// Action is what a key can do anywhere in the pages.
export type Action =
  | 'answer'
  | 'hangUp'
  | 'mute'
  | 'hold'
  | 'transfer'
  | 'consult'
  | 'cancel'
  | 'merge'
  | 'add'
  | 'park'
  | 'pickUp'
  | 'survey'
  | 'keypad'
  | 'ready'
  | 'break'
  | 'notes'
  | 'help';

// Keys says which keys do what: "Ctrl+Alt+KeyA", with the code of the key's place on the keyboard. "" is none.
export type Keys = Record<Action, string>;

export const shipped: Keys = {
  answer: 'Ctrl+Alt+KeyA',
  hangUp: 'Ctrl+Alt+KeyH',
  mute: 'Ctrl+Alt+KeyM',
  hold: 'Ctrl+Alt+KeyO',
  transfer: 'Ctrl+Alt+KeyT',
  consult: 'Ctrl+Alt+KeyC',
  cancel: 'Ctrl+Alt+KeyX',
  merge: 'Ctrl+Alt+KeyG',
  add: 'Ctrl+Alt+KeyI',
  park: 'Ctrl+Alt+KeyP',
  pickUp: 'Ctrl+Alt+KeyU',
  survey: 'Ctrl+Alt+KeyS',
  keypad: 'Ctrl+Alt+KeyD',
  ready: 'Ctrl+Alt+KeyR',
  break: 'Ctrl+Alt+KeyB',
  notes: 'Ctrl+Alt+KeyN',
  help: 'Ctrl+Alt+KeyK',
};

export const actions = Object.keys(shipped) as Action[];

type Pressed = Pick<KeyboardEvent, 'ctrlKey' | 'altKey' | 'shiftKey' | 'metaKey' | 'code'>;

const modifiers = /^(Control|Alt|Shift|Meta|OS)(Left|Right)?$/;

// combo is a pressed key in the form of Keys; "" while only modifiers are down.
export function combo(e: Pressed): string {
  if (!e.code || modifiers.test(e.code)) return '';
  return [e.ctrlKey && 'Ctrl', e.altKey && 'Alt', e.shiftKey && 'Shift', e.metaKey && 'Meta', e.code].filter(Boolean).join('+');
}

// usable is true for what may be a shortcut: a function key, or a key with Ctrl, Alt or Meta. A plain key belongs to whoever types.
export const usable = (keys: string) => /^(Shift\+)?F([1-9]|1\d|2[0-4])$/.test(keys) || /^(Ctrl|Alt|Meta)\+/.test(keys);

// shown is how a shortcut is printed.
export const shown = (keys: string) => keys.replace(/(Key|Digit)(?=.$)/, '').replace(/Slash$/, '/');

// tip is what a button says of itself: its word, and its keys where it has some.
export const tip = (word: string, keys: string) => [word, shown(keys)].filter(Boolean).join(' · ');

// doing is what a key does now; undefined for nothing.
export const doing = (keys: Keys, pressed: string): Action | undefined => (pressed ? actions.find((a) => keys[a] === pressed) : undefined);

// changed gives an action another key. The action that had it has none then: a key does one thing.
export function changed(keys: Keys, action: Action, to: string): Keys {
  const next = { ...keys };
  for (const a of actions) if (to && next[a] === to) next[a] = '';
  next[action] = to;
  return next;
}

// readKeys reads what was kept: the shipped keys with what a person changed, and nothing else.
export function readKeys(text: string | null): Keys {
  let next = { ...shipped };
  try {
    const kept = JSON.parse(text ?? '{}') as Partial<Record<string, unknown>>;
    for (const a of actions) {
      const k = kept[a];
      if (typeof k === 'string' && (k === '' || usable(k))) next = changed(next, a, k);
    }
  } catch {
    // not ours: the shipped ones
  }
  return next;
}

const place = 'hotline.keys';
const hearers = new Set<() => void>();
let current: Keys | undefined;

const read = () => {
  current ??= readKeys(localStorage.getItem(place));
  return current;
};

// keepKeys keeps what a person chose, in this browser.
export function keepKeys(keys: Keys) {
  current = keys;
  localStorage.setItem(place, JSON.stringify(keys));
  for (const hear of hearers) hear();
}

// useKeys is the keys of now.
export const useKeys = () =>
  useSyncExternalStore((hear) => {
    hearers.add(hear);
    return () => hearers.delete(hear);
  }, read);

// useShortcut does f when the keys of an action are pressed anywhere in the page; undefined: the key does nothing now.
export function useShortcut(action: Action, f: (() => void) | undefined) {
  const latest = useRef(f);
  latest.current = f;
  useEffect(() => {
    const pressed = (e: KeyboardEvent) => {
      if (e.repeat || doing(read(), combo(e)) !== action || !latest.current) return;
      e.preventDefault();
      latest.current();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [action]);
}
