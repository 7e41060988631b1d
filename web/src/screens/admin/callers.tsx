import { Button, Card, Form } from 'antd';
import { Ask } from '../../parts/ask';
import { Page } from '../../parts/page';
import { type Kept, type Kind, merged, useItems } from './config';
import { Findings, useSaving } from './editor';
import { type Field, Inputs } from './fields';
import { useWords } from './words';

const lists: Field[] = [
  { name: 'vip', as: 'tags' },
  { name: 'blocked', as: 'tags' },
];

const outside: Field[] = [
  { name: 'countries', as: 'tags' },
  { name: 'allow', as: 'tags' },
  { name: 'deny', as: 'tags' },
  { name: 'zone', as: 'text' },
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

function Form1({ kind, kept, fields }: { kind: Kind; kept?: Kept; fields: Field[] }) {
  const t = useWords();
  const { save, findings, warnings, busy } = useSaving();
  return (
    <Card size="small" title={t(`${kind}.title`)}>
      <p className="quiet">{t(`${kind}.intro`)}</p>
      <Findings all={findings} />
      <Findings all={warnings} warning />
      <Form
        layout="vertical"
        name={kind}
        initialValues={kept?.item}
        requiredMark={false}
        onFinish={(values) => save([{ kind, id: kept?.id, revision: kept?.revision, item: merged(kept?.item ?? {}, values) }])}
      >
        <Inputs fields={fields} kind={kind} />
        <Button type="primary" htmlType="submit" loading={busy}>
          {t('common.publish')}
        </Button>
      </Form>
    </Card>
  );
}

function Single({ kind, fields }: { kind: Kind; fields: Field[] }) {
  const query = useItems(kind, {});
  return <Ask query={query}>{(data) => <Form1 key={data.items[0]?.revision ?? 0} kind={kind} kept={data.items[0]} fields={fields} />}</Ask>;
}

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
