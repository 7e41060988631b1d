import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Drawer, Flex, Form, Input, Modal, Popconfirm, Select, Space, Switch, Tag, Typography } from 'antd';
import { useState } from 'react';
import { api, Problem, type Role, take } from '../../api/client';
import type { components } from '../../api/schema';
import { useQueueName } from '../../live';
import { FormModal } from '../../parts/formmodal';
import { Page } from '../../parts/page';
import { Paged } from '../../parts/paged';
import { type Kept, useItems } from './config';
import { Editor, Findings } from './editor';
import { type Field, Levels, useOptions } from './fields';
import { useWords } from './words';

type Person = components['schemas']['PersonView'];
type State = Person['state'];

const roles: Role[] = ['agent', 'supervisor', 'admin'];
const states: Record<State, { word: string; colour: string }> = {
  active: { word: 'active', colour: 'green' },
  disabled: { word: 'disabled', colour: 'red' },
  'no-password': { word: 'noPassword', colour: 'orange' },
  'no-account': { word: 'agentOnly', colour: 'default' },
};

const agentFields: Field[] = [
  { name: 'login', as: 'text', fixed: true, need: true },
  { name: 'name', as: 'text' },
  { name: 'phone', as: 'ref', of: 'phone' },
  { name: 'ready', as: 'switch' },
  { name: 'greeting', as: 'text' },
  { name: 'queues', as: 'levels', of: 'queue' },
  { name: 'skills', as: 'levels' },
];

interface Secret {
  secret: string;
  phones?: { user: string; password: string }[];
  notTaken?: string; // why the agent is not known to the node
}

// Told shows, once, what an administrator hands over to somebody.
function Told({ told, onClose }: { told: Secret; onClose: () => void }) {
  const t = useWords();
  const link = `${window.location.origin}/password#${told.secret}`;
  return (
    <Modal open title={t('person.secret')} footer={<Button onClick={onClose}>{t('common.close')}</Button>} onCancel={onClose}>
      {told.notTaken ? (
        <Alert type="warning" showIcon title={t('person.notTaken')} description={told.notTaken} role="alert" style={{ marginBottom: 12 }} />
      ) : null}
      <p className="quiet">{t('person.secret_hint')}</p>
      <p>
        <Typography.Text code copyable style={{ fontSize: 16 }}>
          {told.secret}
        </Typography.Text>
      </p>
      <p>
        {t('person.link')}{' '}
        <Typography.Text code copyable>
          {link}
        </Typography.Text>
      </p>
      {(told.phones ?? []).map((p) => (
        <p key={p.user}>
          {t('person.phone')} {p.user}{' '}
          <Typography.Text code copyable>
            {p.password}
          </Typography.Text>
        </p>
      ))}
    </Modal>
  );
}

interface NewFields {
  login: string;
  name: string;
  role: Role;
  phone?: string;
  newPhone?: boolean;
  queues?: Record<string, number>;
}

function NewPerson({ of, onClose, onMade }: { of?: Person; onClose: () => void; onMade: (told: Secret) => void }) {
  const t = useWords();
  const [form] = Form.useForm<NewFields>();
  const [refused, setRefused] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const fresh = Form.useWatch('newPhone', form);
  const phones = useOptions('phone');
  const make = async (body: NewFields) => {
    setBusy(true);
    setRefused(undefined);
    try {
      const made = await take(api.POST('/api/v1/people', { body }));
      onMade({ secret: made.secret, phones: made.secrets ?? [], notTaken: made.notTaken });
    } catch (err) {
      setRefused(err instanceof Problem ? err : new Problem(0, String(err)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <FormModal<NewFields>
      form={form}
      title={t('person.new')}
      okText={t('common.add')}
      busy={busy}
      width={560}
      onFinish={make}
      onCancel={onClose}
      requiredMark={false}
      initialValues={{ role: of?.role ?? 'agent', login: of?.login, name: of?.name }}
    >
      <div className="fields">
        <Form.Item
          name="login"
          label={t('person.login')}
          extra={t('person.login_hint')}
          rules={[{ required: true, message: t('common.needed') }]}
        >
          <Input maxLength={64} autoComplete="off" disabled={of !== undefined} />
        </Form.Item>
        <Form.Item name="name" label={t('person.name')} rules={[{ required: true, message: t('common.needed') }]}>
          <Input maxLength={100} autoComplete="off" />
        </Form.Item>
        <Form.Item name="role" label={t('person.role')}>
          <Select options={roles.map((value) => ({ value, label: t(`person.role_${value}`) }))} />
        </Form.Item>
        {of ? null : (
          <>
            <Form.Item label={t('person.phone')} extra={t('person.phone_hint')} className="wide">
              <Space>
                <Form.Item name="phone" noStyle>
                  {fresh ? (
                    <Input maxLength={64} style={{ width: 200 }} placeholder="1010" aria-label={t('person.phone')} />
                  ) : (
                    <Select allowClear showSearch style={{ width: 200 }} options={phones} aria-label={t('person.phone')} />
                  )}
                </Form.Item>
                <Form.Item name="newPhone" noStyle valuePropName="checked">
                  <Switch
                    checkedChildren={t('person.newPhone')}
                    unCheckedChildren={t('person.newPhone')}
                    aria-label={t('person.newPhone')}
                  />
                </Form.Item>
              </Space>
            </Form.Item>
            <Form.Item name="queues" label={t('person.queues')} className="wide">
              <Levels of="queue" />
            </Form.Item>
          </>
        )}
      </div>
      {refused ? <Findings all={refused.findings.length > 0 ? refused.findings : [{ text: refused.message }]} /> : null}
    </FormModal>
  );
}

function OnePerson({ person, onClose, onTold }: { person: Person; onClose: () => void; onTold: (told: Secret) => void }) {
  const t = useWords();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm();
  const [error, setError] = useState('');
  const params = { path: { id: person.id ?? '' } };
  const done = async (what: () => Promise<unknown>) => {
    try {
      setError('');
      await what();
      await client.invalidateQueries({ queryKey: ['people'] });
      onClose();
    } catch (err) {
      setError(err instanceof Problem && err.status === 409 ? t('common.conflict') : (err as Error).message);
    }
  };
  const change = (body: { name?: string; role?: Role; disabled?: boolean }) =>
    done(async () => {
      await api.PATCH('/api/v1/people/{id}', { params, body: { revision: person.revision, ...body } });
      message.success(t('common.saved'));
    });
  const reset = () => done(async () => onTold(await take(api.POST('/api/v1/people/{id}/one-time-password', { params }))));
  return (
    <Drawer
      open
      size={480}
      title={person.name && person.name !== person.login ? `${person.name} (${person.login})` : person.login}
      onClose={onClose}
      footer={
        <Flex gap={8} justify="end">
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button type="primary" htmlType="submit" form="person">
            {t('common.save')}
          </Button>
        </Flex>
      }
    >
      {error ? <Alert type="error" showIcon title={error} style={{ marginBottom: 12 }} role="alert" /> : null}
      <Form id="person" form={form} layout="vertical" initialValues={person} onFinish={change} requiredMark={false}>
        <Form.Item name="name" label={t('person.name')}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item name="role" label={t('person.role')}>
          <Select options={roles.map((value) => ({ value, label: t(`person.role_${value}`) }))} />
        </Form.Item>
      </Form>
      <Flex gap={8} style={{ marginTop: 24 }}>
        <Popconfirm title={t('person.resetSure')} styles={{ root: { maxWidth: 320 } }} onConfirm={reset}>
          <Button>{t('person.reset')}</Button>
        </Popconfirm>
        {person.state === 'disabled' ? (
          <Button onClick={() => change({ disabled: false })}>{t('person.enable')}</Button>
        ) : (
          <Popconfirm title={t('person.disableSure')} onConfirm={() => change({ disabled: true })}>
            <Button danger>{t('person.disable')}</Button>
          </Popconfirm>
        )}
      </Flex>
    </Drawer>
  );
}

// People are those who sign in, with their roles, and what they are in queues.
export default function People() {
  const t = useWords();
  const client = useQueryClient();
  const [role, setRole] = useState<Role>();
  const [state, setState] = useState<State>();
  const [queue, setQueue] = useState<string>();
  const [open, setOpen] = useState<Person>();
  const [adding, setAdding] = useState<Person | true>();
  const [agent, setAgent] = useState<Kept>();
  const [told, setTold] = useState<Secret>();
  const agents = useItems('person');
  const queues = useOptions('queue');
  const queueName = useQueueName();
  const keptOf = (p: Person) => (agents.data?.items ?? []).find((one) => one.id === (p.agent || p.login));
  const made = (secret: Secret) => {
    setAdding(undefined);
    setTold(secret);
    void client.invalidateQueries({ queryKey: ['people'] });
    void client.invalidateQueries({ queryKey: ['config'] });
  };
  return (
    <Page title={t('person.title')}>
      <Paged<Person>
        name={['people', role, state, queue]}
        load={async ({ sort, ...asked }) => {
          const query = { ...asked, sort: sort as 'login' | undefined, role, state, queue };
          const { people, total } = await take(api.GET('/api/v1/people', { params: { query } }));
          return { rows: people ?? [], total };
        }}
        filtered={Boolean(role || state || queue)}
        rowKey="login"
        none={t('person.none')}
        hint={t('person.none_hint')}
        beside={
          <>
            <Select
              allowClear
              style={{ width: 130 }}
              placeholder={t('person.role')}
              aria-label={t('person.role')}
              value={role}
              onChange={setRole}
              options={roles.map((value) => ({ value, label: t(`person.role_${value}`) }))}
            />
            <Select
              allowClear
              style={{ width: 150 }}
              placeholder={t('person.state')}
              aria-label={t('person.state')}
              value={state}
              onChange={setState}
              options={Object.entries(states).map(([value, s]) => ({ value: value as State, label: t(`person.${s.word}`) }))}
            />
            <Select
              allowClear
              style={{ width: 170 }}
              placeholder={t('person.queues')}
              aria-label={t('person.queues')}
              value={queue}
              onChange={setQueue}
              options={queues}
            />
          </>
        }
        actions={
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('person.new')}
          </Button>
        }
        columns={[
          {
            key: 'login',
            title: t('person.login'),
            className: 'keep',
            sorter: true,
            render: (_, p) =>
              p.id ? (
                <Button type="link" size="small" style={{ padding: 0 }} onClick={() => setOpen(p)}>
                  {p.login}
                </Button>
              ) : (
                p.login
              ),
          },
          { key: 'name', title: t('person.name'), className: 'keep', dataIndex: 'name', sorter: true },
          { key: 'role', title: t('person.role'), sorter: true, render: (_, p) => t(`person.role_${p.role}`) },
          {
            key: 'state',
            title: t('person.state'),
            render: (_, p) => <Tag color={states[p.state].colour}>{t(`person.${states[p.state].word}`)}</Tag>,
          },
          { key: 'phone', title: t('person.phone'), className: 'num', render: (_, p) => p.phone || '–' },
          {
            key: 'queues',
            title: t('person.inQueues'),
            render: (_, p) =>
              Object.entries(p.queues ?? {})
                .map(([id, level]) => `${queueName(id)} ${level}`)
                .join(' · ') || '–',
          },
          {
            key: 'actions',
            title: t('common.actions'),
            render: (_, p) => {
              const kept = keptOf(p);
              return (
                <Space>
                  {p.id ? null : (
                    <Button size="small" onClick={() => setAdding(p)}>
                      {t('person.giveAccount')}
                    </Button>
                  )}
                  {kept ? (
                    <Button size="small" onClick={() => setAgent(kept)}>
                      {t('person.agentsOnly')}
                    </Button>
                  ) : null}
                </Space>
              );
            },
          },
        ]}
      />
      {open ? <OnePerson person={open} onClose={() => setOpen(undefined)} onTold={setTold} /> : null}
      {adding ? <NewPerson of={adding === true ? undefined : adding} onClose={() => setAdding(undefined)} onMade={made} /> : null}
      {agent ? (
        <Editor
          key={agent.id}
          kind="person"
          kept={agent}
          fields={agentFields}
          title={String(agent.item.name ?? agent.id)}
          onClose={() => {
            setAgent(undefined);
            void client.invalidateQueries({ queryKey: ['people'] });
          }}
        />
      ) : null}
      {told ? <Told told={told} onClose={() => setTold(undefined)} /> : null}
    </Page>
  );
}
