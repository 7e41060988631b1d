import { useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input, Modal, Popconfirm, Select, Typography } from 'antd';
import { useState } from 'react';
import { api, type Role, take } from '../api/client';
import { FormModal } from '../parts/formmodal';
import { Page } from '../parts/page';
import { Paged } from '../parts/paged';
import { stamp } from '../parts/time';
import { useAllWords } from './admin/words';

const own = 'commands on this machine'; // as the node names the token of its own commands

const roles: Role[] = ['agent', 'supervisor', 'admin'];

function NewToken() {
  const t = useAllWords();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  const [secret, setSecret] = useState('');
  const make = async (body: { name: string; role: Role }) => {
    try {
      setSecret((await take(api.POST('/api/v1/tokens', { body }))).secret);
      await client.invalidateQueries({ queryKey: ['tokens'] });
    } catch (err) {
      message.error((err as Error).message);
    }
  };
  const close = () => {
    setOpen(false);
    setSecret('');
  };
  return (
    <>
      <Button type="primary" onClick={() => setOpen(true)}>
        {t('tokens.new')}
      </Button>
      <FormModal
        open={open && secret === ''}
        title={t('tokens.new')}
        okText={t('act.add')}
        onFinish={make}
        onCancel={close}
        initialValues={{ role: 'supervisor' }}
      >
        <Form.Item name="name" label={t('tokens.name')} rules={[{ required: true, message: '' }]}>
          <Input autoFocus maxLength={100} />
        </Form.Item>
        <Form.Item name="role" label={t('tokens.role')}>
          <Select options={roles.map((r) => ({ value: r, label: t(`role.${r}`) }))} />
        </Form.Item>
      </FormModal>
      <Modal
        open={open && secret !== ''}
        title={t('tokens.new')}
        footer={<Button onClick={close}>{t('common.close')}</Button>}
        onCancel={close}
      >
        <Alert
          type="success"
          title={t('tokens.secret')}
          description={
            <Typography.Text code copyable>
              {secret}
            </Typography.Text>
          }
        />
      </Modal>
    </>
  );
}

// Tokens is the API's tokens: make one, see when it was used, revoke it.
export default function Tokens() {
  const t = useAllWords();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [role, setRole] = useState<Role>();
  const revoke = async (id: string) => {
    try {
      await api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } });
    } catch (err) {
      message.error((err as Error).message);
    }
    await client.invalidateQueries({ queryKey: ['tokens'] });
  };
  return (
    <Page title={t('tokens.title')} extra={<NewToken />}>
      <Paged
        name={['tokens', role]}
        load={async ({ sort, ...asked }) => {
          const query = { ...asked, sort: sort as 'name' | undefined, role };
          const { tokens, total } = await take(api.GET('/api/v1/tokens', { params: { query } }));
          return { rows: tokens ?? [], total };
        }}
        filtered={role !== undefined}
        rowKey="id"
        none={t('tokens.none')}
        hint={t('tokens.noneHint')}
        beside={
          <Select<Role>
            allowClear
            style={{ width: 130 }}
            placeholder={t('tokens.role')}
            aria-label={t('tokens.role')}
            onChange={setRole}
            options={roles.map((r) => ({ value: r, label: t(`role.${r}`) }))}
          />
        }
        columns={[
          { key: 'name', title: t('tokens.name'), sorter: true, render: (_, k) => (k.name === own ? t('tokens.own') : k.name) },
          { key: 'role', title: t('tokens.role'), sorter: true, render: (_, k) => t(`role.${k.role as Role}`) },
          { key: 'createdAt', title: t('tickets.created'), className: 'num', sorter: true, render: (_, k) => stamp(k.createdAt) },
          { key: 'lastUsed', title: t('tokens.used'), className: 'num', sorter: true, render: (_, k) => stamp(k.lastUsed) || '–' },
          {
            key: 'expires',
            title: t('tokens.expires'),
            className: 'num',
            sorter: true,
            render: (_, k) => stamp(k.expires) || t('tokens.never'),
          },
          {
            key: 'revoke',
            title: t('common.actions'),
            align: 'right',
            render: (_, k) => (
              <Popconfirm title={t('tokens.sure')} onConfirm={() => revoke(k.id)}>
                <Button size="small" type="text" danger>
                  {t('act.revoke')}
                </Button>
              </Popconfirm>
            ),
          },
        ]}
      />
    </Page>
  );
}
