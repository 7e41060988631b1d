import { Button, Card, Form } from 'antd';
import { Ask } from '../../parts/ask';
import { type Kept, type Kind, merged, useItems } from './config';
import { Findings, useSaving } from './editor';
import { type Field, Inputs } from './fields';
import { useWords } from './words';

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

// Single is the one item of a kind, in a card of its own.
export function Single({ kind, fields }: { kind: Kind; fields: Field[] }) {
  const query = useItems(kind, {});
  return <Ask query={query}>{(data) => <Form1 key={data.items[0]?.revision ?? 0} kind={kind} kept={data.items[0]} fields={fields} />}</Ask>;
}
