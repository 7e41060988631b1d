import { CheckCircleFilled } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Card, Flex, Form, Input, Result, Select, Steps, Typography } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { api, Problem, problemOf, take } from '../../api/client';
import { Page } from '../../parts/page';
import { type Change, useItems, usePublish } from './config';
import { Findings } from './editor';
import { keyOf } from './fields';
import { useWords } from './words';

// firstFlow is what callers hear at first: a greeting, that the call is recorded, then people, then a message.
const firstFlow = (queue: string) => `# The first hotline: a greeting, then people; who waits too long leaves a message.
flow: hotline
version: 1
language: zh
start: welcome
nodes:
  welcome: {type: play, prompts: [welcome, record-notice], next: tape}
  tape: {type: record, next: people}
  people:
    type: queue
    queue: ${queue}
    position: true
    every: 30s
    on: {timeout: message, full: message, no-agents: message, closed: message}
    next: bye
  message: {type: voicemail, prompts: [voicemail], max: 2m, next: thanks}
  thanks: {type: play, prompts: [thanks], next: bye}
  bye: {type: hangup, prompts: [goodbye]}
`;

interface NumberFields {
  company: string;
  number: string;
  carrier?: string;
}

// useDone is which steps are done. It is read from the centre: whoever comes back goes on where they were.
function useDone() {
  const numbers = useItems('number');
  const people = useItems('person');
  const calls = useQuery({
    queryKey: ['start', 'calls'],
    queryFn: () => take(api.GET('/api/v1/calls', { params: { query: { limit: 1 } } })),
    refetchInterval: 3_000,
  });
  const reached = (numbers.data?.items ?? []).filter((n) => n.item.from !== 'phone');
  const agents = (people.data?.items ?? []).filter((p) => p.item.phone);
  return {
    ready: numbers.isSuccess && people.isSuccess && calls.isSuccess,
    number: reached[0]?.item.number as string | undefined,
    agents: agents.map((a) => (a.item.name as string | undefined) || a.id), // as people call them
    call: calls.data?.calls?.[0]?.call,
  };
}

function Wrong({ err }: { err?: Error }) {
  if (!err) return null;
  return <Findings all={err instanceof Problem && err.findings.length > 0 ? err.findings : [{ text: err.message }]} />;
}

function Number1({ onDone }: { onDone: () => void }) {
  const t = useWords();
  const publish = usePublish();
  const queues = useItems('queue');
  const flows = useItems('flow');
  const routes = useItems('route');
  const trunks = useItems('trunk');
  const [err, setErr] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const save = async ({ company, number, carrier }: NumberFields) => {
    setBusy(true);
    setErr(undefined);
    const changes: Change[] = [];
    const queue = queues.data?.items[0]?.id ?? 'service';
    if (!queues.data?.items.length)
      changes.push({
        kind: 'queue',
        item: { id: queue, name: t('start.queueName'), ring: '20s', wrap_up: '30s', max_wait: '5m', misses: 3 },
      });
    const ids = (flows.data?.items ?? []).map((f) => keyOf('flow', f.id, f.item));
    const flow = ids.includes('hotline') || ids.length === 0 ? 'hotline' : (ids[0] as string);
    if (ids.length === 0) changes.push({ kind: 'flow', item: { file: 'hotline.yml', source: firstFlow(queue) } });
    if (!routes.data?.items.length) changes.push({ kind: 'route', item: { id: 'everybody', steps: [{ queue }] } });
    if (carrier?.trim() && !trunks.data?.items.length)
      changes.push({
        kind: 'trunk',
        item: { id: 'carrier', name: company, sources: [carrier.trim().replace(/:\d+$/, '')], targets: [{ address: carrier.trim() }] },
      });
    changes.push({ kind: 'number', item: { number: number.trim(), flow, brand: company.trim() } });
    try {
      await publish(changes, t('start.note'));
      onDone();
    } catch (e) {
      setErr(e as Error);
    } finally {
      setBusy(false);
    }
  };
  const needed = [{ required: true, message: t('common.needed') }];
  return (
    <Form<NumberFields> layout="vertical" requiredMark={false} onFinish={save} style={{ maxWidth: 460 }}>
      <Wrong err={err} />
      <Form.Item name="company" label={t('start.company')} extra={t('start.companyHint')} rules={needed}>
        <Input maxLength={60} autoFocus />
      </Form.Item>
      <Form.Item name="number" label={t('start.number')} extra={t('start.numberHint')} rules={needed}>
        <Input maxLength={40} placeholder="4008001234" />
      </Form.Item>
      <Form.Item name="carrier" label={t('start.carrier')} extra={t('start.carrierHint')}>
        <Input maxLength={100} placeholder="203.0.113.7:5060" />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy}>
        {t('start.save')}
      </Button>
    </Form>
  );
}

interface AgentFields {
  name: string;
  login: string;
  password: string;
  phone: string;
  queues: string[];
}

// givePassword uses the one-time password at once, without a cookie: who sets up stays signed in as themself.
async function givePassword(secret: string, password: string) {
  const answer = await fetch('/api/v1/password', {
    method: 'POST',
    credentials: 'omit',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ secret, password }),
  });
  if (!answer.ok) throw await problemOf(answer);
}

function Agent1({ onDone }: { onDone: (login: string, phone?: { user: string; password: string }) => void }) {
  const t = useWords();
  const client = useQueryClient();
  const queues = useItems('queue');
  const phones = useItems('phone');
  const [err, setErr] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const save = async ({ name, login, password, phone, queues: of }: AgentFields) => {
    setBusy(true);
    setErr(undefined);
    const body = {
      login: login.trim(),
      name: name.trim(),
      role: 'agent' as const,
      phone: phone.trim(),
      newPhone: !phones.data?.items.some((p) => p.id === phone.trim()),
      queues: Object.fromEntries(of.map((q) => [q, 1])),
    };
    try {
      const made = await take(api.POST('/api/v1/people', { body }));
      await givePassword(made.secret, password);
      onDone(body.login, made.secrets?.[0]); // before the next step is shown, and the password with it
      await client.invalidateQueries({ queryKey: ['config'] });
    } catch (e) {
      setErr(e as Error);
    } finally {
      setBusy(false);
    }
  };
  if (!queues.data || !phones.data) return null;
  const needed = [{ required: true, message: t('common.needed') }];
  const first = queues.data.items[0]?.id;
  return (
    <Form<AgentFields>
      layout="vertical"
      requiredMark={false}
      onFinish={save}
      style={{ maxWidth: 460 }}
      initialValues={{ phone: '1001', queues: first ? [first] : [] }}
    >
      <Wrong err={err} />
      <div className="fields">
        <Form.Item name="name" label={t('person.name')} rules={needed}>
          <Input maxLength={60} autoFocus />
        </Form.Item>
        <Form.Item name="login" label={t('person.login')} rules={needed}>
          <Input maxLength={64} autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="password"
          label={t('start.password')}
          extra={t('start.rule')}
          rules={[{ required: true, min: 10, message: t('start.short') }]}
        >
          <Input.Password maxLength={1000} autoComplete="new-password" />
        </Form.Item>
        <Form.Item name="phone" label={t('person.phone')} extra={t('start.phoneHint')} rules={needed}>
          <Input maxLength={64} />
        </Form.Item>
      </div>
      <Form.Item name="queues" label={t('person.queues')} rules={needed}>
        <Select mode="multiple" options={queues.data.items.map((q) => ({ value: q.id, label: String(q.item.name || q.id) }))} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy}>
        {t('start.save')}
      </Button>
    </Form>
  );
}

// Try lets the newcomer call the hotline, and sees the call come.
function Try({ number, agent, call }: { number?: string; agent?: string; call?: string }) {
  const t = useWords();
  const button = useQuery({
    queryKey: ['start', 'button'],
    queryFn: async () => (await fetch('/api/v1/button')).ok,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Flex vertical gap={12} style={{ maxWidth: 560 }}>
      <ol style={{ margin: 0, paddingInlineStart: 20 }}>
        <li>{t('start.try1', { agent: agent ?? '–' })}</li>
        <li>{button.data ? t('start.try2button') : t('start.try2', { number: number ?? '–' })}</li>
        <li>{t('start.try3')}</li>
      </ol>
      {button.data ? (
        <Flex gap={8}>
          <Button type="primary" href="/call" target="_blank">
            {t('start.callNow')}
          </Button>
        </Flex>
      ) : (
        <Alert
          type="info"
          showIcon
          title={t('start.noButton')}
          description={<Typography.Text code copyable>{`button: {number: "${number ?? '4008001234'}"}`}</Typography.Text>}
        />
      )}
      <Link to="/config/flows">{t('start.rehearse')}</Link>
      {call ? (
        <Alert type="success" showIcon title={t('start.called')} description={<Link to={`/calls/${call}`}>{t('start.seeCall')}</Link>} />
      ) : (
        <span className="quiet" aria-live="polite">
          {t('start.waiting')}
        </span>
      )}
    </Flex>
  );
}

// Start leads whoever installed Hotline from an empty centre to the first call. Every step may be skipped, and done later.
export default function Start() {
  const t = useWords();
  const done = useDone();
  const [at, setAt] = useState<number>();
  const [made, setMade] = useState<{ login: string; phone?: { user: string; password: string } }>();
  if (!done.ready) return <Page title={t('start.title')}>{null}</Page>;
  const is = [done.number !== undefined, done.agents.length > 0, done.call !== undefined];
  const open = is.indexOf(false);
  const step = at ?? (open < 0 ? 3 : open);
  const icon = (n: number) => (is[n] ? <CheckCircleFilled /> : undefined);
  const screens = [
    <Number1 key="number" onDone={() => setAt(1)} />,
    <Agent1
      key="agent"
      onDone={(login, phone) => {
        setMade({ login, phone });
        setAt(2);
      }}
    />,
    <Try key="try" number={done.number} agent={made?.login ?? done.agents[0]} call={done.call} />,
  ];
  return (
    <Page title={t('start.title')}>
      <Card>
        <Steps
          current={step}
          onChange={setAt}
          style={{ marginBottom: 24 }}
          items={[
            { title: t('start.step1'), content: is[0] ? done.number : undefined, icon: icon(0) },
            { title: t('start.step2'), content: is[1] ? done.agents[0] : undefined, icon: icon(1) },
            { title: t('start.step3'), icon: icon(2) },
          ]}
        />
        {made?.phone && step === 2 ? (
          <Alert
            type="warning"
            showIcon
            style={{ marginBottom: 12, maxWidth: 560 }}
            title={t('phone.secrets')}
            description={
              <>
                {made.phone.user}{' '}
                <Typography.Text code copyable>
                  {made.phone.password}
                </Typography.Text>
                <div className="quiet">{t('start.deskPhone')}</div>
              </>
            }
          />
        ) : null}
        {step < 3 ? (
          <>
            {is[step] && step < 2 ? (
              <Alert type="success" showIcon style={{ marginBottom: 12, maxWidth: 460 }} title={t('start.have')} />
            ) : null}
            {screens[step]}
            <Button type="link" style={{ paddingInline: 0, marginTop: 12 }} onClick={() => setAt(step + 1)}>
              {step < 2 ? t('start.skip') : t('start.finish')}
            </Button>
          </>
        ) : (
          <Result
            status={open < 0 ? 'success' : 'info'}
            title={open < 0 ? t('start.all') : t('start.later')}
            subTitle={t('start.next')}
            extra={
              <Flex gap={8} justify="center" wrap>
                <Link to="/config/flows">
                  <Button>{t('flow.title')}</Button>
                </Link>
                <Link to="/config/people">
                  <Button>{t('person.title')}</Button>
                </Link>
                <Link to="/config/calendars">
                  <Button>{t('calendar.title')}</Button>
                </Link>
                <Link to="/wallboard">
                  <Button type="primary">{t('start.wallboard')}</Button>
                </Link>
              </Flex>
            }
          />
        )}
      </Card>
    </Page>
  );
}
