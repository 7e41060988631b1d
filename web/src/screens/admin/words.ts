import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import { spans } from './item';
import { en } from './words.en';
import { zh } from './words.zh';

// The words of the administrator's pages come with these pages: an agent's desk does without them.
i18next.addResourceBundle('zh', 'admin', zh);
i18next.addResourceBundle('en', 'admin', en);

// useWords translates keys of words.zh.ts.
export const useWords = () => useTranslation('admin').t;

// useSpan says a length of time as data.yml writes it, such as 1m30s, in the page's language; undefined for none.
export function useSpan(): (span: unknown) => string | undefined {
  const t = useWords();
  return (span) =>
    typeof span === 'string'
      ? spans(span)
          .map(([n, unit]) => t(`span.${unit}`, { n }))
          .join(' ')
      : undefined;
}

// useAllWords translates keys of these and those of all pages, which come first.
export const useAllWords = () => useTranslation(['translation', 'admin'], { nsMode: 'fallback' }).t;
