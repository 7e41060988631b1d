import { useTranslation } from 'react-i18next';
import type { codesZh } from '../i18n/codes.zh';
import { useQueueName } from '../live';
import { useTrunkName } from './trunks';

type Code = keyof (typeof codesZh)['code'];

// useCode says a code of calls in the page's language; what is none, such as what a person wrote, is left as it is.
export function useCode(): (code?: string) => string {
  const { t, i18n } = useTranslation();
  return (code) => (code && i18n.exists(`code.${code}`) ? t(`code.${code as Code}`) : (code ?? ''));
}

// begun is a code's words where they stand alone, as in a cell of a table: with a capital letter.
export const begun = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

// useWhy says why a flow or a queue was chosen: the sentence in the page's language, or the word of a code. The sentence names queues and
// trunks by their ids.
export function useWhy(): (of: { reason?: string; reasonZH?: string }) => string {
  const { i18n } = useTranslation();
  const code = useCode();
  const queue = useQueueName();
  const trunk = useTrunkName();
  return (of) => {
    const sentence = i18n.language === 'zh' && of.reasonZH ? of.reasonZH : code(of.reason);
    return sentence
      .replace(/(队列|queue) ([\w-]+)/g, (_, word, id) => `${word} ${queue(id)}`)
      .replace(/^(线路 )(\S+)|( from trunk )(\S+)/, (_, zh = '', its = '', en = '', id = '') => zh + en + trunk(its + id));
  };
}
