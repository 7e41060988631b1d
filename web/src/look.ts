import { theme } from 'antd';
import { useSyncExternalStore } from 'react';

const key = 'hotline.dark';
const hearers = new Set<() => void>();

function dark(): boolean {
  const chosen = localStorage.getItem(key);
  return chosen ? chosen === 'yes' : window.matchMedia('(prefers-color-scheme: dark)').matches;
}

// What is chosen in one tab holds in all.
window.addEventListener('storage', (e) => {
  if (e.key === key) for (const hear of hearers) hear();
});

// useDark is whether the screens are dark: as chosen, else as the system has it.
export function useDark(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore((hear) => {
    hearers.add(hear);
    return () => hearers.delete(hear);
  }, dark);
  document.documentElement.dataset.theme = on ? 'dark' : 'light';
  return [
    on,
    (next) => {
      localStorage.setItem(key, next ? 'yes' : 'no');
      for (const hear of hearers) hear();
    },
  ];
}

// Colours of text that antd has paler than 4.5 : 1 on its ground (WCAG 2.1, 1.4.3).
const readable = {
  light: {
    colorLink: '#1456d8',
    colorError: '#c81e1e',
    colorErrorHover: '#a81818', // the shade of antd is paler: white words on it are 4.41 : 1
    colorTextTertiary: 'rgba(0,0,0,0.62)',
    colorTextDescription: 'rgba(0,0,0,0.62)',
    colorTextPlaceholder: 'rgba(0,0,0,0.6)',
    colorTextDisabled: 'rgba(0,0,0,0.5)', // what cannot be changed is still read
  },
  dark: {
    colorLink: '#7aa7ff',
    colorLinkHover: '#a6c5ff',
    colorError: '#ff7875',
    colorTextTertiary: 'rgba(255,255,255,0.65)',
    colorTextDescription: 'rgba(255,255,255,0.65)',
    colorTextPlaceholder: 'rgba(255,255,255,0.62)',
    colorTextDisabled: 'rgba(255,255,255,0.55)', // what cannot be changed is still read
  },
};

// pointedAt is the colour of a button's words under the pointer, where that of antd is too pale.
const pointedAt = (colour: string) => ({
  defaultHoverColor: colour,
  defaultHoverBorderColor: colour,
  defaultActiveColor: colour,
  defaultActiveBorderColor: colour,
});

export const look = (isDark: boolean) => ({
  algorithm: isDark ? [theme.darkAlgorithm, theme.compactAlgorithm] : [theme.compactAlgorithm],
  components: isDark
    ? {
        Table: { colorPrimary: '#7aa7ff' }, // the arrow of the order
        Tabs: { itemSelectedColor: '#7aa7ff', itemHoverColor: '#a6c5ff', itemActiveColor: '#a6c5ff' },
        Layout: { siderBg: '#10161d', triggerBg: '#18202a', bodyBg: '#0b0f14' },
        Menu: { darkItemBg: '#10161d' },
        Button: { ...pointedAt('#7aa7ff'), dangerColor: '#2a0b0b' }, // on the pale red of dark pages
      }
    : { Button: pointedAt('#1456d8') },
  token: {
    ...(isDark ? readable.dark : readable.light),
    colorPrimary: '#1456d8',
    borderRadius: 4,
    fontSize: 16, // the compact algorithm takes the next smaller size, 14, for text
    fontFamily: `system-ui, -apple-system, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Segoe UI', sans-serif`,
  },
});
