import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useShortcut } from './keys';

const KeyHelp = lazy(() => import('./help'));

// useKeyHelp opens the sheet of shortcuts by its own key; it gives the sheet and how to open it.
export function useKeyHelp(): [ReactNode, () => void] {
  const [open, set] = useState(false);
  useShortcut('help', () => set((is) => !is));
  const sheet = open && (
    <Suspense key="keys" fallback={null}>
      <KeyHelp open close={() => set(false)} />
    </Suspense>
  );
  return [sheet, () => set(true)];
}
