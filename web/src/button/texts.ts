// What visitors read. Both languages have the same words; the compiler compares them.
const zh = {
  call: '在线通话',
  panel: '在线通话',
  starting: '正在连接…',
  calling: '正在呼叫…',
  talking: '通话中',
  again: '正在恢复连接…',
  mute: '静音',
  unmute: '取消静音',
  hangUp: '挂断',
  close: '关闭',
  keypad: '按键',
  ended: '通话已结束',
  microphone: '无法使用麦克风：请在浏览器中允许后再试。',
  insecure: '浏览器只允许 https 页面使用麦克风。',
  full: '当前来电较多，请稍后再试。',
  rate: '呼叫过于频繁，请一分钟后再试。',
  customer: '页面已过期，请刷新后再试。',
  failed: '未能接通，请稍后再试。',
  refused: '本页面未获授权使用通话按钮。',
};

const en: Record<keyof typeof zh, string> = {
  call: 'Call us',
  panel: 'Call',
  starting: 'Connecting…',
  calling: 'Calling…',
  talking: 'In a call',
  again: 'Connecting again…',
  mute: 'Mute',
  unmute: 'Unmute',
  hangUp: 'Hang up',
  close: 'Close',
  keypad: 'Keypad',
  ended: 'The call is over',
  microphone: 'The microphone cannot be used: allow it in your browser and try again.',
  insecure: 'Browsers let pages use the microphone by https only.',
  full: 'Many people are calling just now. Please try again in a moment.',
  rate: 'Too many calls. Please try again in a minute.',
  customer: 'This page is out of date. Load it anew and try again.',
  failed: 'The call did not go through. Please try again in a moment.',
  refused: 'This page may not have the call button.',
};

export type Word = keyof typeof zh;

// words is what a visitor reads: Chinese where the language says so, else English.
export const words = (language: string): Record<Word, string> => (language.toLowerCase().startsWith('zh') ? zh : en);

// known is the word for an error of the server's, if there is one.
export const known = (code: unknown): Word => (code === 'full' || code === 'rate' || code === 'customer' ? code : 'failed');
