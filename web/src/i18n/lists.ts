import i18next from 'i18next';
import { listsEn } from './lists.en';
import { listsZh } from './lists.zh';

// The words of supervisors' lists come with these screens: an agent's desk does without them.
i18next.addResourceBundle('zh', 'translation', listsZh, true);
i18next.addResourceBundle('en', 'translation', listsEn, true);
