import { useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, Problem, take } from '../api/client';

// Mark is the product's name over the forms of the door.
export function Mark() {
  const { t } = useTranslation();
  return (
    <div className="door-mark">
      <img src="/icon.svg" alt="" />
      <div>
        <b style={{ fontSize: 18 }}>Hotline</b>
        <div className="quiet">{t('app.tagline')}</div>
      </div>
    </div>
  );
}

// Door is where people sign in.
export function Door() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const enter = async (body: { login: string; password: string }) => {
    setBusy(true);
    setError(undefined);
    try {
      client.setQueryData(['me'], await take(api.POST('/api/v1/session', { body })));
    } catch (err) {
      setError(err as Error);
    } finally {
      setBusy(false);
    }
  };
  const said = error instanceof Problem && error.status === 401 ? t('login.wrong') : error?.message;
  return (
    <main className="door">
      <Card className="door-card">
        <Mark />
        <Form layout="vertical" onFinish={enter} requiredMark={false}>
          <Form.Item name="login" label={t('login.user')} rules={[{ required: true, message: t('login.needUser') }]}>
            <Input autoFocus autoComplete="username" size="large" maxLength={100} />
          </Form.Item>
          <Form.Item name="password" label={t('login.password')} rules={[{ required: true, message: t('login.needPassword') }]}>
            <Input.Password autoComplete="current-password" size="large" maxLength={1000} />
          </Form.Item>
          {said ? <Alert type="error" showIcon title={said} style={{ marginBottom: 12 }} role="alert" /> : null}
          <Button type="primary" htmlType="submit" size="large" block loading={busy}>
            {t('act.signIn')}
          </Button>
        </Form>
        <p style={{ margin: '12px 0 0' }}>
          <a href="/password">{t('login.oneTime')}</a>
        </p>
        <p className="quiet" style={{ margin: '12px 0 0' }}>
          {t('login.hint')}
        </p>
      </Card>
    </main>
  );
}
