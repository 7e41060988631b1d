import { Page } from '../../parts/page';
import type { Field } from './fields';
import { Single } from './single';
import { useWords } from './words';

const lists: Field[] = [
  { name: 'vip', as: 'tags' },
  { name: 'blocked', as: 'tags' },
];

const outside: Field[] = [
  { name: 'countries', as: 'tags' },
  { name: 'allow', as: 'tags' },
  { name: 'deny', as: 'tags' },
  { name: 'zone', as: 'text', example: 'Asia/Shanghai' },
  {
    name: 'per_phone',
    as: 'group',
    fields: [
      { name: 'calls', as: 'number' },
      { name: 'minutes', as: 'number' },
    ],
  },
  {
    name: 'per_trunk',
    as: 'group',
    fields: [
      { name: 'calls', as: 'number' },
      { name: 'minutes', as: 'number' },
    ],
  },
];

// Callers are the lists of callers, and what may be dialled outside.
export default function Callers() {
  const t = useWords();
  return (
    <Page title={t('callers.page')}>
      <div className="halves">
        <Single kind="callers" fields={lists} />
        <Single kind="outside" fields={outside} />
      </div>
    </Page>
  );
}
