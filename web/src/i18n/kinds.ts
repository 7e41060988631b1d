import i18next from 'i18next';
import { kindsEn } from './kinds.en';
import { kindsZh } from './kinds.zh';

// The course of a call says the types of nodes; it does without the other words of the editor.
i18next.addResourceBundle('zh', 'kinds', kindsZh);
i18next.addResourceBundle('en', 'kinds', kindsEn);
