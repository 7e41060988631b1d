import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Card, DatePicker, Flex, Form, Input, Table } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { api, take } from '../api/client';
import { useQueueName } from '../live';
import { Nothing } from '../parts/ask';
import { said } from '../parts/number';
import { Page } from '../parts/page';
import { regionOf } from '../parts/region';
import { useWhy } from '../parts/why';
import { useAllWords, useLength } from './admin/words';

interface Question {
  did?: string;
  caller?: string;
  topic?: string;
  at?: string;
}

// ask tries calls against the present rules and puts each question beside its answer.
async function ask(calls: Question[]) {
  const lines = await take(api.POST('/api/v1/routes/dry-run', { body: { calls } }));
  return (lines ?? []).map((line, i) => ({ key: i, ...calls[i], ...line }));
}

// today is the questions of today's latest calls.
async function today(): Promise<Question[]> {
  const query = { from: dayjs().startOf('day').toISOString(), direction: 'in' as const, limit: 500 };
  const page = await take(api.GET('/api/v1/calls', { params: { query } }));
  return (page.calls ?? []).map((c) => ({ did: c.did, caller: c.caller.e164 || c.caller.raw, topic: c.topic, at: c.started }));
}

// Routing tries where calls would go, and says why.
export default function Routing() {
  const t = useAllWords();
  const why = useWhy();
  const queueName = useQueueName();
  const length = useLength();
  const tried = useMutation({ mutationFn: ask });
  const past = useMutation({
    mutationFn: async () => {
      const calls = await today();
      if (calls.length > 0) await tried.mutateAsync(calls);
      else tried.reset();
    },
  });
  const submit = ({ at, ...rest }: Omit<Question, 'at'> & { at?: Dayjs }) => tried.mutate([{ ...rest, at: at?.toISOString() }]);
  const failed = tried.error ?? past.error;
  return (
    <Page
      title={t('routing.title')}
      extra={
        <Button loading={past.isPending} onClick={() => past.mutate()}>
          {t('routing.past')}
        </Button>
      }
    >
      <Card size="small" style={{ marginBottom: 12 }}>
        <p className="quiet">{t('routing.intro')}</p>
        <Form layout="inline" onFinish={submit} style={{ rowGap: 8 }}>
          <Form.Item name="did" label={t('routing.did')}>
            <Input maxLength={60} style={{ width: 140 }} placeholder="4008001234" />
          </Form.Item>
          <Form.Item name="caller" label={t('routing.caller')}>
            <Input maxLength={60} style={{ width: 140 }} placeholder="13800138000" />
          </Form.Item>
          <Form.Item name="topic" label={t('routing.topic')}>
            <Input maxLength={64} style={{ width: 120 }} />
          </Form.Item>
          <Form.Item name="at" label={t('routing.at')}>
            <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={tried.isPending}>
            {t('act.try')}
          </Button>
        </Form>
      </Card>
      {failed ? <Alert type="error" showIcon title={failed.message} style={{ marginBottom: 12 }} /> : null}
      <Table
        size="small"
        dataSource={tried.data}
        loading={tried.isPending}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        locale={{ emptyText: <Nothing text={t('routing.nothing')} hint={t('routing.hint')} /> }}
        columns={[
          { title: t('routing.caller'), className: 'num keep', render: (_, r) => said(t, r.caller) },
          { title: t('routing.region'), className: 'keep', render: (_, r) => regionOf(r.region) },
          { title: t('routing.did'), dataIndex: 'did', className: 'num keep' },
          { title: t('routing.topic'), dataIndex: 'topic' },
          { title: t('routing.rule'), render: (_, r) => r.rule ?? <span className="quiet">{t('routing.none')}</span> },
          {
            title: t('routing.to'),
            render: (_, r) => (
              <Flex gap={8} wrap>
                {r.steps?.map((s) => (
                  <span key={`${s.queue}-${s.afterMs}`}>
                    {s.afterMs > 0 ? <span className="quiet">{t('span.after', { t: length(s.afterMs) })} </span> : null}
                    {queueName(s.queue)}
                  </span>
                ))}
              </Flex>
            ),
          },
          { title: t('call.reason'), render: (_, r) => why(r) },
        ]}
      />
    </Page>
  );
}
