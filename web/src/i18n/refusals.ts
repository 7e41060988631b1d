import { ofThePhone, parts, refusals } from './refusals.zh';

// places are where values stand in a sentence.
const places = /%[sqdv]/g;

const forms: Record<string, string> = { '%s': '(.*?)', '%v': '(.*?)', '%q': '"((?:[^"\\\\]|\\\\.)*)"', '%d': '(-?\\d+)' };

interface Sentence {
  fits: RegExp;
  values: string[]; // what stands at each place: %s and so on
  words: string;
}

const sentence = ([said, words]: [string, string]): Sentence => {
  const values = said.match(places) ?? [];
  const fixed = said.split(places).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return { fits: new RegExp(`^${fixed.map((text, i) => text + (forms[values[i] ?? ''] ?? '')).join('')}$`, 's'), values, words };
};

const sentences = [...Object.entries(ofThePhone), ...Object.entries(refusals)].map(sentence);
const wholes = [...sentences, ...Object.entries(parts).map(sentence)];

function put(text: string, known: Sentence[]): string {
  for (const s of known) {
    const found = s.fits.exec(text);
    if (!found) continue;
    return s.words.replace(/\{(\d)\}/g, (_, n: string) => {
      const value = found[Number(n)] ?? '';
      const kind = s.values[Number(n) - 1];
      return kind === '%s' || kind === '%v' ? put(value, wholes) : value;
    });
  }
  return text;
}

// inChinese is what the server or the telephone said, in Chinese where the sentence is known; else as it came.
export const inChinese = (text: string): string => put(text, sentences);
