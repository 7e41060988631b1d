import { useNavigate } from 'react-router';
import { useBy } from '../../parts/names';
import { Page } from '../../parts/page';
import { useItems } from './config';
import { keyOf, useOptions } from './fields';
import { Items } from './list';
import { useWords } from './words';

// Flows are what callers hear and press. One of them is edited on a page of its own.
export default function Flows() {
  const t = useWords();
  const by = useBy();
  const go = useNavigate();
  const numbers = useItems('number');
  const flows = useOptions('flow');
  const dialled = (id: string) => (numbers.data?.items ?? []).filter((n) => n.item.flow === id).map((n) => String(n.item.number));
  return (
    <Page title={t('flow.title')} extra={<span className="quiet">{t('flow.count', { n: flows.length })}</span>}>
      <Items
        kind="flow"
        onOpen={(kept) => go(`/config/flows/edit?file=${encodeURIComponent(kept.id)}`)}
        onAdd={() => go('/config/flows/edit')}
        columns={[
          { name: 'file', title: t('flow.file') },
          { name: 'flow', title: t('flow.id'), unsorted: true, render: (f, kept) => keyOf('flow', kept.id, f) },
          {
            name: 'numbers',
            title: t('flow.numbers'),
            unsorted: true,
            render: (f, kept) => dialled(keyOf('flow', kept.id, f)).join(' · ') || '–',
          },
          { name: 'lines', title: t('flow.lines'), unsorted: true, render: (f) => String(f.source ?? '').split('\n').length },
          {
            name: 'by',
            title: t('version.by'),
            unsorted: true,
            render: (_, kept) => (kept.updatedBy === 'import' ? t('version.imported') : by(kept.updatedBy)),
          },
        ]}
      />
    </Page>
  );
}
