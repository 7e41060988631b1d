import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

export type Language = 'zh' | 'en';

const key = 'hotline.language';

// language is what the person chose, else what the browser prefers: Chinese unless it asks for something else.
export function language(): Language {
  const chosen = localStorage.getItem(key);
  if (chosen === 'zh' || chosen === 'en') return chosen;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

// words are those of a language, loaded only where somebody reads it.
const words = {
  zh: async () => (await import('./zh')).zh,
  en: async () => (await import('./en')).en,
};

export async function setLanguage(l: Language) {
  localStorage.setItem(key, l);
  i18next.addResourceBundle(l, 'translation', await words[l]());
  document.documentElement.lang = l === 'zh' ? 'zh-CN' : 'en';
  await i18next.changeLanguage(l);
}

// What is chosen in one tab holds in all.
window.addEventListener('storage', (e) => {
  if (e.key === key && language() !== i18next.language) void setLanguage(language());
});

async function begin(l: Language) {
  document.documentElement.lang = l === 'zh' ? 'zh-CN' : 'en';
  await i18next.use(initReactI18next).init({
    lng: l,
    fallbackLng: false, // the languages have the same words: the compiler compares them
    resources: { [l]: { translation: await words[l]() } },
    interpolation: { escapeValue: false }, // React escapes
  });
}

export const ready = begin(language());
