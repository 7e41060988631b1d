import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import { namePath } from './item';
import { measured, spans } from './span';
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

// useLength says a length of time of so many milliseconds, such as 20 秒.
export function useLength(): (ms: number) => string {
  const t = useWords();
  return (ms) => {
    const { n, unit } = measured(ms);
    return t(`span.${unit}`, { n });
  };
}

// useFieldName says a field as data.yml writes it, such as targets[0].address, by its labels in the form; what has no label stays as it is.
export function useFieldName(): (kind: string, field: string) => string {
  const { t, i18n } = useTranslation('admin');
  return (kind, field) => {
    const names: string[] = [];
    return namePath(field)
      .map((part) => {
        if (typeof part === 'number') return part + 1;
        names.push(part);
        const key = `${kind}.${names.join('_')}`;
        return i18n.exists(key, { ns: 'admin' }) ? t(key) : part;
      })
      .join(' ');
  };
}

// useAllWords translates keys of these and those of all pages, which come first.
export const useAllWords = () => useTranslation(['translation', 'admin'], { nsMode: 'fallback' }).t;
