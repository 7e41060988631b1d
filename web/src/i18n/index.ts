import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { codesEn, codesZh } from './codes';
import { devicesEn, devicesZh } from './devices';
import { en } from './en';
import { floorEn, floorZh } from './floor';
import { ordersEn, ordersZh } from './orders';
import { zh } from './zh';

export type Language = 'zh' | 'en';

const key = 'hotline.language';

// language is what the person chose, else what the browser prefers: Chinese unless it asks for something else.
export function language(): Language {
  const chosen = localStorage.getItem(key);
  if (chosen === 'zh' || chosen === 'en') return chosen;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

export function setLanguage(l: Language) {
  localStorage.setItem(key, l);
  document.documentElement.lang = l === 'zh' ? 'zh-CN' : 'en';
  void i18next.changeLanguage(l);
}

export const ready = i18next.use(initReactI18next).init({
  lng: language(),
  fallbackLng: 'en',
  resources: {
    zh: { translation: { ...zh, ...floorZh, ...ordersZh, ...devicesZh, ...codesZh } },
    en: { translation: { ...en, ...floorEn, ...ordersEn, ...devicesEn, ...codesEn } },
  },
  interpolation: { escapeValue: false }, // React escapes
});
document.documentElement.lang = language() === 'zh' ? 'zh-CN' : 'en';
