import { useState } from 'react';
import { TrunkName } from '../../parts/names';
import { Page } from '../../parts/page';
import type { Kept } from './config';
import { Editor } from './editor';
import { type Field, useOptions } from './fields';
import { Items } from './list';
import { useWords } from './words';

const fields: Field[] = [
  { name: 'number', as: 'text', need: true },
  { name: 'flow', as: 'ref', of: 'flow', need: true },
  { name: 'from', as: 'choice', of: ['trunk', 'phone', 'web'], say: 'origin', otherwise: 'both' },
  { name: 'trunk', as: 'ref', of: 'trunk' },
  { name: 'did', as: 'text' },
  { name: 'topic', as: 'text' },
  { name: 'language', as: 'choice', of: ['zh', 'en'], say: 'language' },
  { name: 'brand', as: 'text' },
];

const origins = ['trunk', 'phone', 'web', 'both'];

// Numbers are what may be dialled, and the flow that answers.
export default function Numbers() {
  const t = useWords();
  const [open, setOpen] = useState<Kept | null>();
  const flows = useOptions('flow');
  const trunks = useOptions('trunk');
  return (
    <Page title={t('number.title')}>
      <Items
        kind="number"
        onOpen={setOpen}
        onAdd={() => setOpen(null)}
        filters={[
          {
            name: 'from',
            label: t('number.from'),
            options: origins.map((o) => ({ value: o === 'both' ? '' : o, label: t(`origin.${o}`) })),
          },
          { name: 'trunk', label: t('number.trunk'), options: trunks },
          { name: 'flow', label: t('number.flow'), options: flows },
        ]}
        columns={[
          { name: 'number', title: t('number.number') },
          { name: 'did', title: t('number.did') },
          { name: 'from', title: t('number.from'), render: (n) => t(`origin.${String(n.from ?? 'both')}`) },
          { name: 'trunk', title: t('number.trunk'), render: (n) => (n.trunk ? <TrunkName id={String(n.trunk)} /> : '–') },
          { name: 'flow', title: t('number.flow') },
          { name: 'topic', title: t('number.topic') },
          { name: 'brand', title: t('number.brand') },
        ]}
      />
      {open !== undefined ? (
        <Editor
          key={open?.id ?? ''}
          kind="number"
          kept={open}
          fields={fields}
          removable
          title={open ? String(open.item.number) : t('number.new')}
          onClose={() => setOpen(undefined)}
        />
      ) : null}
    </Page>
  );
}
