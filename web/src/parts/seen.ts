import { useCallback, useState } from 'react';

const watched = new WeakMap<Element, (seen: boolean) => void>();
let observer: IntersectionObserver | undefined;

// useSeen tells whether an element is in view, so that of a thousand only those are drawn anew that somebody sees. Give it the ref.
export function useSeen(): [(element: Element | null) => (() => void) | undefined, boolean] {
  const [seen, see] = useState(false);
  const watch = useCallback((element: Element | null) => {
    if (!element) return undefined;
    observer ??= new IntersectionObserver((all) => {
      for (const one of all) watched.get(one.target)?.(one.isIntersecting);
    });
    watched.set(element, see);
    observer.observe(element);
    return () => observer?.unobserve(element);
  }, []);
  return [watch, seen];
}
