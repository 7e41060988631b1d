import i18next from 'i18next';
import { useTranslation } from 'react-i18next';
import { en } from './words.en';
import { zh } from './words.zh';

// The words of the editor come with it: the lists of an administrator do without them.
i18next.addResourceBundle('zh', 'flow', zh);
i18next.addResourceBundle('en', 'flow', en);

// useFlowWords translates keys of words.zh.ts.
export const useFlowWords = () => useTranslation('flow').t;
