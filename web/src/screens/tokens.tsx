import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Form, Input, Modal, Popconfirm, Select, Table, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, type Role, take } from '../api/client';
import { Ask, Nothing } from '../parts/ask';
import { Page } from '../parts/page';
import { stamp } from '../parts/time';

const roles: Role[] = ['agent', 'supervisor', 'admin'];

function NewToken() {
  const { t } = useTranslation();
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
      <Modal open={open} title={t('tokens.new')} footer={null} onCancel={close} destroyOnHidden>
        {secret ? (
          <Alert
            type="success"
            title={t('tokens.secret')}
            description={
              <Typography.Text code copyable>
                {secret}
              </Typography.Text>
            }
          />
        ) : (
          <Form layout="vertical" onFinish={make} initialValues={{ role: 'supervisor' }}>
            <Form.Item name="name" label={t('tokens.name')} rules={[{ required: true, message: '' }]}>
              <Input autoFocus maxLength={100} />
            </Form.Item>
            <Form.Item name="role" label={t('tokens.role')}>
              <Select options={roles.map((r) => ({ value: r, label: t(`role.${r}`) }))} />
            </Form.Item>
            <Button type="primary" htmlType="submit">
              {t('act.add')}
            </Button>
          </Form>
        )}
      </Modal>
    </>
  );
}

// Tokens is the API's tokens: make one, see when it was used, revoke it.
export default function Tokens() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { message } = App.useApp();
  const query = useQuery({ queryKey: ['tokens'], queryFn: () => take(api.GET('/api/v1/tokens')) });
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
      <Ask query={query}>
        {(tokens) => (
          <Table
            size="small"
            rowKey="id"
            pagination={{ pageSize: 50, hideOnSinglePage: true }}
            dataSource={tokens ?? []}
            locale={{ emptyText: <Nothing text={t('tokens.none')} /> }}
            columns={[
              { title: t('tokens.name'), dataIndex: 'name' },
              { title: t('tokens.role'), render: (_, k) => t(`role.${k.role as Role}`) },
              { title: t('tickets.created'), className: 'num', render: (_, k) => stamp(k.createdAt) },
              { title: t('tokens.used'), className: 'num', render: (_, k) => stamp(k.lastUsed) || '–' },
              { title: t('tokens.expires'), className: 'num', render: (_, k) => stamp(k.expires) || t('tokens.never') },
              {
                title: '',
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
        )}
      </Ask>
    </Page>
  );
}
