import { theme } from 'antd';
import { useSyncExternalStore } from 'react';

const key = 'hotline.dark';
const hearers = new Set<() => void>();

function dark(): boolean {
  const chosen = localStorage.getItem(key);
  return chosen ? chosen === 'yes' : window.matchMedia('(prefers-color-scheme: dark)').matches;
}

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

export const look = (isDark: boolean) => ({
  algorithm: isDark ? [theme.darkAlgorithm, theme.compactAlgorithm] : [theme.compactAlgorithm],
  token: {
    colorPrimary: '#1456d8',
    borderRadius: 4,
    fontSize: 13,
    fontFamily: `system-ui, -apple-system, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Segoe UI', sans-serif`,
  },
});
