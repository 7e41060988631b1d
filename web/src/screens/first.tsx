import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useNavigate } from 'react-router';
import { api, take } from '../api/client';
import { Mark } from './door';

interface Fields {
  link: string;
  login: string;
  name: string;
  password: string;
}

// First makes the first administrator by the one-time link that the program printed.
export function First() {
  const { t } = useTranslation();
  const link = useLocation().hash.slice(1); // behind #, where no proxy's log sees it
  const client = useQueryClient();
  const go = useNavigate();
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const make = async ({ link, login, name, password }: Fields) => {
    setBusy(true);
    setError('');
    try {
      client.setQueryData(['me'], await take(api.POST('/api/v1/first-admin', { body: { link, login, name, password } })));
      go('/config/start', { replace: true });
    } catch (err) {
      setError((err as Error).message);
      setBusy(false);
    }
  };
  const needed = [{ required: true, message: '' }];
  return (
    <main className="door">
      <Card className="door-card">
        <Mark />
        <h1 style={{ fontSize: 16, margin: '0 0 4px' }}>{t('first.title')}</h1>
        <p className="quiet">{t('first.intro')}</p>
        <Form<Fields> layout="vertical" onFinish={make} initialValues={{ link, login: 'admin' }} requiredMark={false}>
          <Form.Item name="link" label={t('first.link')} rules={needed} hidden={link !== ''}>
            <Input autoComplete="off" maxLength={200} />
          </Form.Item>
          <Form.Item name="login" label={t('first.login')} rules={needed}>
            <Input autoComplete="username" maxLength={100} />
          </Form.Item>
          <Form.Item name="name" label={t('first.name')} rules={needed}>
            <Input autoFocus autoComplete="name" maxLength={100} />
          </Form.Item>
          <Form.Item
            name="password"
            label={t('first.password')}
            extra={t('first.rule')}
            rules={[{ required: true, min: 10, message: t('first.short') }]}
          >
            <Input.Password autoComplete="new-password" maxLength={1000} />
          </Form.Item>
          <Form.Item
            name="again"
            label={t('first.again')}
            dependencies={['password']}
            rules={[
              ({ getFieldValue }) => ({
                validator: (_, v) => (v === getFieldValue('password') ? Promise.resolve() : Promise.reject(new Error(t('first.differ')))),
              }),
            ]}
          >
            <Input.Password autoComplete="new-password" maxLength={1000} />
          </Form.Item>
          {error ? <Alert type="error" showIcon title={error} style={{ marginBottom: 12 }} role="alert" /> : null}
          <Button type="primary" htmlType="submit" block loading={busy}>
            {t('first.create')}
          </Button>
        </Form>
      </Card>
    </main>
  );
}
