import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { api, Problem, take } from '../api/client';
import { Mark } from './door';

interface Fields {
  secret: string;
  password: string;
  again: string;
}

// Password is where a one-time password, or the link with it, leads: a new password is set, and one is signed in.
export function Password() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const secret = decodeURIComponent(window.location.hash.slice(1));
  const set = async ({ secret, password }: Fields) => {
    setBusy(true);
    setError('');
    try {
      const me = await take(api.POST('/api/v1/password', { body: { secret, password } }));
      client.clear();
      client.setQueryData(['me'], me);
      navigate('/', { replace: true });
    } catch (err) {
      setError(err instanceof Problem && err.status === 401 ? t('password.used') : (err as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="door">
      <Card className="door-card">
        <Mark />
        <h1 style={{ fontSize: 16, margin: '0 0 12px' }}>{t('password.title')}</h1>
        <Form<Fields> layout="vertical" onFinish={set} initialValues={{ secret }} requiredMark={false}>
          <Form.Item name="secret" label={t('password.secret')} rules={[{ required: true, message: t('password.need') }]}>
            <Input autoComplete="off" maxLength={200} autoFocus={secret === ''} className="mono" />
          </Form.Item>
          <Form.Item
            name="password"
            label={t('first.password')}
            extra={t('first.rule')}
            rules={[{ required: true, min: 10, message: t('first.short') }]}
          >
            <Input.Password autoComplete="new-password" maxLength={1000} autoFocus={secret !== ''} />
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
            {t('password.set')}
          </Button>
        </Form>
        <p style={{ margin: '12px 0 0' }}>
          <Link to="/">{t('app.back')}</Link>
        </p>
      </Card>
    </main>
  );
}
