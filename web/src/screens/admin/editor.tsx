import { Alert, App, Button, Drawer, Flex, Form, type FormInstance, Input, Popconfirm, Typography } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { type Finding, Problem } from '../../api/client';
import { stamp } from '../../parts/time';
import { type Change, type Fields, type Kept, type Kind, merged, namePath, usePublish } from './config';
import { type Field, Inputs } from './fields';
import { useFieldName, useWords } from './words';

// Findings lists what is wrong, or probably not meant, with the item it is about.
export function Findings({ all, warning }: { all: Finding[]; warning?: boolean }) {
  const t = useWords();
  const fieldName = useFieldName();
  if (all.length === 0) return null;
  return (
    <Alert
      type={warning ? 'warning' : 'error'}
      showIcon
      role="alert"
      title={warning ? t('common.warnings') : t('common.mistakes')}
      description={
        <ul className="findings">
          {all.map((f) => (
            <li key={`${f.kind}${f.id}${f.field}${f.line}${f.text}`}>
              {f.kind ? (
                <b>
                  {t(`kind.${f.kind}`)} {f.id}
                  {f.line ? `:${f.line}` : ''} {f.field ? fieldName(f.kind, f.field) : ''}{' '}
                </b>
              ) : null}
              {f.text}
            </li>
          ))}
        </ul>
      }
    />
  );
}

// useSaving publishes changes and says what came of it: it is true when they were kept.
export function useSaving() {
  const t = useWords();
  const publish = usePublish();
  const { message, modal } = App.useApp();
  const [findings, setFindings] = useState<Finding[]>([]);
  const [warnings, setWarnings] = useState<Finding[]>([]);
  const [busy, setBusy] = useState(false);
  const save = async (changes: Change[], note = '', check = false) => {
    setBusy(true);
    setFindings([]);
    setWarnings([]);
    try {
      const done = await publish(changes, note, check);
      setWarnings(done.warnings ?? []);
      if (check) message.success(t('common.checked'));
      else if (!done.notTaken) message.success(done.version ? t('common.published', { n: done.version }) : t('common.unchanged'));
      if (done.notTaken) modal.warning({ title: t('common.notTaken'), content: done.notTaken, width: 460 });
      if ((done.secrets ?? []).length > 0)
        modal.info({
          title: t('phone.secrets'),
          width: 460,
          content: (done.secrets ?? []).map((s) => (
            <p key={s.user}>
              {s.user}{' '}
              <Typography.Text code copyable>
                {s.password}
              </Typography.Text>
            </p>
          )),
        });
      return true;
    } catch (err) {
      const p = err as Problem;
      if (p instanceof Problem && p.findings.length > 0) setFindings(p.findings);
      else setFindings([{ text: p instanceof Problem && p.status === 409 ? t('common.conflict') : p.message }]);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { save, findings, warnings, busy };
}

interface Props {
  kind: Kind;
  kept: Kept | null; // null: a new one
  fields: Field[];
  start?: Fields; // of a new one
  title: string;
  onClose: () => void;
  children?: ReactNode; // beside the form
  more?: (item: Fields) => Change[]; // what is published together with the item
  form?: FormInstance;
  removable?: boolean; // though no field of it is fixed
}

// Editor edits one item: what is published is checked by the server first, and mistakes stand at their fields.
export function Editor({ kind, kept, fields, start, title, onClose, children, more, form: given, removable }: Props) {
  const t = useWords();
  const [own] = Form.useForm();
  const form = given ?? own;
  const [note, setNote] = useState('');
  const { save, findings, warnings, busy } = useSaving();
  const idField = fields.find((f) => 'fixed' in f && f.fixed)?.name;
  useEffect(() => {
    const mine = findings.filter((f) => f.kind === kind && f.field && (!kept || f.id === kept.id));
    form.setFields(mine.map((f) => ({ name: namePath(f.field as string), errors: [f.text] })));
  }, [findings, form, kind, kept]);
  const publish = async (check: boolean) => {
    const right = await form.validateFields().catch(() => null);
    if (!right) return;
    // All that the form holds: a step's keys that no field shows are not among what was validated.
    const item = merged(kept?.item ?? {}, form.getFieldsValue(true));
    const changes: Change[] = [{ kind, id: kept?.id, revision: kept?.revision, item }, ...(more?.(item) ?? [])];
    if ((await save(changes, note, check)) && !check) onClose();
  };
  const remove = async () => {
    if (kept && (await save([{ kind, id: kept.id, revision: kept.revision }], note))) onClose();
  };
  return (
    <Drawer
      open
      size={720}
      title={title}
      onClose={onClose}
      extra={
        kept && (idField || removable) ? (
          <Popconfirm title={t('common.removeSure')} okText={t('common.remove')} okButtonProps={{ danger: true }} onConfirm={remove}>
            <Button danger type="text">
              {t('common.remove')}
            </Button>
          </Popconfirm>
        ) : null
      }
      footer={
        <Flex gap={8}>
          <Input
            value={note}
            maxLength={500}
            placeholder={t('common.note')}
            aria-label={t('common.note')}
            onChange={(e) => setNote(e.target.value)}
          />
          <Button loading={busy} onClick={() => publish(true)}>
            {t('common.check')}
          </Button>
          <Button type="primary" loading={busy} onClick={() => publish(false)}>
            {t('common.publish')}
          </Button>
        </Flex>
      }
    >
      <Flex vertical gap={12}>
        <Findings all={findings} />
        <Findings all={warnings} warning />
        <Form form={form} layout="vertical" initialValues={kept?.item ?? start} requiredMark={false} name={kind}>
          <Inputs fields={fields} kind={kind} isNew={!kept} />
        </Form>
        {children}
        {kept ? (
          <span className="quiet">
            {t('common.revision', {
              n: kept.revision,
              by: kept.updatedBy === 'import' ? t('version.imported') : kept.updatedBy || '–',
              at: stamp(kept.updatedAt),
            })}
          </span>
        ) : null}
      </Flex>
    </Drawer>
  );
}
