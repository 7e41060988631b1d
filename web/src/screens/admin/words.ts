import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import { en } from './words.en';
import { zh } from './words.zh';

// The words of the administrator's pages come with these pages: an agent's desk does without them.
i18next.addResourceBundle('zh', 'admin', zh);
i18next.addResourceBundle('en', 'admin', en);

// useWords translates keys of words.zh.ts.
export const useWords = () => useTranslation('admin').t;

// useAllWords translates keys of these and those of all pages, which come first.
export const useAllWords = () => useTranslation(['translation', 'admin'], { nsMode: 'fallback' }).t;
