import { StopOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input, Modal, Popconfirm, Radio, Select } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '../api/client';
import type { components } from '../api/schema';
import { useQueueName, useQueues } from '../live';
import { useBy } from '../parts/names';
import { stamp } from '../parts/time';

type Closing = components['schemas']['FloorClosing'];
type Rule = Closing['waiting'];

const rules: Rule[] = ['stay', 'hangup', 'queue', 'voicemail', 'callback'];
const centre = '';

interface Wish {
  queue: string;
  minutes: number; // 0: until opened again
  says: 'usual' | 'prompt' | 'text';
  prompt?: string;
  text?: string;
  waiting: Rule;
  to?: string;
}

// Closed says what is closed out of turn, and opens it again.
export function Closed() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const by = useBy();
  const name = useQueueName();
  const all = useQuery({ queryKey: ['live', 'closings'], queryFn: () => take(api.GET('/api/v1/closings')), refetchInterval: 5_000 });
  const open = async (queue?: string) => {
    try {
      await api.DELETE('/api/v1/closings', { params: { query: { queue } } });
      message.success(t('closing.opened'));
    } catch (err) {
      message.error((err as Error).message);
    }
    await client.invalidateQueries({ queryKey: ['live'] });
  };
  return (
    <>
      {(all.data ?? []).map((c) => (
        <Alert
          key={c.queue ?? centre}
          type="error"
          showIcon
          icon={<StopOutlined />}
          style={{ marginBottom: 8 }}
          title={`${t('closing.now')}: ${c.queue ? name(c.queue) : t('closing.centre')}`}
          description={[
            c.until ? t('closing.untilAt', { at: stamp(c.until) }) : t('closing.never'),
            t('closing.by', { by: by(c.by) }),
            `${t('closing.waiting')}: ${t(`closing.${c.waiting}`)}${c.to ? ` (${name(c.to)})` : ''}`,
            c.text ?? c.prompt,
          ]
            .filter(Boolean)
            .join(' · ')}
          action={
            <Popconfirm title={t('closing.openSure')} okText={t('closing.open')} onConfirm={() => open(c.queue)}>
              <Button>{t('closing.open')}</Button>
            </Popconfirm>
          }
        />
      ))}
    </>
  );
}

// Prompts offers the prompts that there are, each name once, with what it says.
function Prompts({ id, value, onChange }: { id?: string; value?: string; onChange?: (name: string) => void }) {
  const { i18n } = useTranslation();
  const all = useQuery({
    queryKey: ['prompts', 'all'],
    queryFn: async () => (await take(api.GET('/api/v1/prompts', { params: { query: { sort: 'name' } } }))).prompts ?? [],
  });
  const own = (language: string) => (language === i18n.language ? 0 : 1);
  const named = new Map<string, string>();
  for (const p of [...(all.data ?? [])].sort((a, b) => own(a.language) - own(b.language))) {
    if (!named.has(p.name)) named.set(p.name, p.text ?? '');
  }
  const options = [...named].map(([name, text]) => ({ value: name, label: text ? `${name} · ${text}` : name }));
  return <Select id={id} showSearch optionFilterProp="label" loading={all.isPending} value={value} onChange={onChange} options={options} />;
}

// CloseButton closes a queue or the whole centre at once.
export function CloseButton() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const [asking, ask] = useState(false);
  const [form] = Form.useForm<Wish>();
  const wish = Form.useWatch([], form);
  const queues = (useQueues().data ?? []).map((q) => ({ value: q.id, label: q.name || q.id }));
  const close = async (w: Wish) => {
    try {
      await api.POST('/api/v1/closings', {
        body: {
          queue: w.queue || undefined,
          until: w.minutes ? dayjs().add(w.minutes, 'minute').toISOString() : undefined,
          prompt: w.says === 'prompt' ? w.prompt : undefined,
          text: w.says === 'text' ? w.text : undefined,
          waiting: w.waiting,
          to: w.waiting === 'queue' ? w.to : undefined,
        },
      });
    } catch (err) {
      message.error((err as Error).message);
      return;
    }
    message.success(t('closing.done'));
    ask(false);
    await client.invalidateQueries({ queryKey: ['live'] });
  };
  const ends = [
    ...[30, 60, 120, 240, 480].map((n) => ({
      value: n,
      label: n < 60 ? t('closing.minutes', { n }) : t('closing.hours', { n: n / 60 }),
    })),
    { value: 0, label: t('closing.never') },
  ];
  const apart = wish?.queue !== centre; // another queue stays open
  return (
    <>
      <Button danger icon={<StopOutlined />} onClick={() => ask(true)}>
        {t('closing.title')}
      </Button>
      <Modal
        open={asking}
        title={t('closing.title')}
        okText={t('closing.do')}
        okButtonProps={{ danger: true }}
        onCancel={() => ask(false)}
        onOk={() => form.submit()}
        destroyOnHidden
      >
        <Form
          form={form}
          layout="vertical"
          onFinish={close}
          initialValues={{ queue: queues[0]?.value, minutes: 60, says: 'usual', waiting: 'stay' }}
        >
          <Form.Item name="queue" label={t('closing.what')}>
            <Select options={[...queues, { value: centre, label: t('closing.centre') }]} />
          </Form.Item>
          <Form.Item name="minutes" label={t('closing.until')}>
            <Select options={ends} />
          </Form.Item>
          <Form.Item name="says" label={t('closing.message')}>
            <Radio.Group vertical options={(['usual', 'prompt', 'text'] as const).map((v) => ({ value: v, label: t(`closing.${v}`) }))} />
          </Form.Item>
          {wish?.says === 'prompt' ? (
            <Form.Item name="prompt" label={t('closing.prompt')} rules={[{ required: true }]}>
              <Prompts />
            </Form.Item>
          ) : null}
          {wish?.says === 'text' ? (
            <Form.Item name="text" label={t('closing.text')} extra={t('closing.textHint')} rules={[{ required: true }]}>
              <Input.TextArea rows={2} maxLength={500} />
            </Form.Item>
          ) : null}
          <Form.Item name="waiting" label={t('closing.waiting')}>
            <Radio.Group
              vertical
              options={rules.map((r) => ({ value: r, label: t(`closing.${r}`), disabled: r === 'queue' && (!apart || queues.length < 2) }))}
            />
          </Form.Item>
          {wish?.waiting === 'queue' ? (
            <Form.Item name="to" label={t('closing.to')} rules={[{ required: true }]}>
              <Select options={queues.filter((q) => q.value !== wish.queue)} />
            </Form.Item>
          ) : null}
        </Form>
      </Modal>
    </>
  );
}
