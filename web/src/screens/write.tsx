import '../i18n/lists';
import { MailOutlined, SendOutlined } from '@ant-design/icons';
import { App, Button, Checkbox, Drawer, Form, Input, Select, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '../api/client';
import type { components } from '../api/schema';
import { useAgents, useQueues } from '../live';
import { PickAgent } from '../parts/filters';
import { FormModal } from '../parts/formmodal';
import { AgentName, useBy } from '../parts/names';
import { Paged } from '../parts/paged';
import { stamp } from '../parts/time';

const everybody = 'all';

interface Written {
  to: string[];
  text: string;
}

// WriteButton lets a supervisor write to agents, to those of a queue, or to all.
export function WriteButton() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const agents = useAgents().data ?? [];
  const queues = useQueues().data ?? [];
  const options = [
    { label: t('message.to'), options: [{ value: everybody, label: t('message.all') }] },
    {
      label: t('wall.queue'),
      options: queues.map((q) => ({ value: `queue:${q.id}`, label: t('message.team', { name: q.name || q.id }) })),
    },
    { label: t('message.agents'), options: agents.map((a) => ({ value: `agent:${a.id}`, label: a.name || a.id })) },
  ];
  const send = async ({ to, text }: Written) => {
    const named = to.filter((x) => x.startsWith('agent:')).map((x) => x.slice(6));
    const teams = to.filter((x) => !x.startsWith('agent:')).map((x) => x.replace('queue:', ''));
    try {
      let n = 0;
      // One message for each team; agents who are named go with the first.
      for (const [i, team] of (teams.length ? teams : [undefined]).entries()) {
        n += (await take(api.POST('/api/v1/messages', { body: { to: team, agents: i === 0 ? named : undefined, text } }))).length;
      }
      message.success(t('message.sent', { n }));
      setOpen(false);
    } catch (err) {
      message.error((err as Error).message);
    }
  };
  return (
    <>
      <Button icon={<SendOutlined />} onClick={() => setOpen(true)}>
        {t('message.write')}
      </Button>
      <FormModal<Written> open={open} title={t('message.write')} okText={t('message.send')} onFinish={send} onCancel={() => setOpen(false)}>
        <Form.Item name="to" label={t('message.to')} rules={[{ required: true }]}>
          <Select mode="multiple" options={options} optionFilterProp="label" />
        </Form.Item>
        <Form.Item name="text" label={t('message.text')} rules={[{ required: true, whitespace: true }]}>
          <Input.TextArea rows={3} maxLength={500} showCount />
        </Form.Item>
      </FormModal>
    </>
  );
}

type Message = components['schemas']['FloorMessage'];

// SentButton shows what was written to agents, and who has read it.
export function SentButton() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={<MailOutlined />} onClick={() => setOpen(true)}>
        {t('sent.title')}
      </Button>
      <Drawer open={open} onClose={() => setOpen(false)} title={t('sent.title')} size={900} destroyOnHidden>
        <Sent />
      </Drawer>
    </>
  );
}

function Sent() {
  const { t } = useTranslation();
  const by = useBy();
  const [agent, setAgent] = useState<string>();
  const [unread, setUnread] = useState(false);
  return (
    <Paged<Message>
      name={['messages', 'sent', agent, unread]}
      load={async ({ sort, ...asked }) => {
        const query = { ...asked, sort: sort as '-at' | undefined, agent, unread: unread || undefined };
        const { messages, total } = await take(api.GET('/api/v1/messages/sent', { params: { query } }));
        return { rows: messages ?? [], total };
      }}
      every={5_000}
      filtered={agent !== undefined || unread}
      rowKey="id"
      search={t('sent.search')}
      none={t('sent.none')}
      beside={
        <>
          <PickAgent label={t('sent.agent')} value={agent} onChange={setAgent} />
          <Checkbox checked={unread} onChange={(e) => setUnread(e.target.checked)} style={{ alignSelf: 'center' }}>
            {t('sent.unread')}
          </Checkbox>
        </>
      }
      columns={[
        { key: 'at', title: t('sent.at'), className: 'num', sorter: true, defaultSortOrder: 'descend', render: (_, m) => stamp(m.at) },
        { key: 'by', title: t('sent.by'), render: (_, m) => by(m.by) },
        { key: 'to', title: t('sent.to'), render: (_, m) => <AgentName id={m.agent} /> },
        {
          key: 'text',
          title: t('sent.text'),
          render: (_, m) => <span style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{m.text}</span>,
        },
        {
          key: 'read',
          title: t('sent.read'),
          className: 'num',
          sorter: true,
          render: (_, m) => (m.read ? stamp(m.read) : <Tag color="blue">{t('message.unread')}</Tag>),
        },
      ]}
    />
  );
}
