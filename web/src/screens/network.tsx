import { useQueries, useQuery } from '@tanstack/react-query';
import { Alert, Badge, Card, Descriptions, Input, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '../api/client';
import { Nothing } from '../parts/ask';
import { Page } from '../parts/page';
import { stamp } from '../parts/time';

const useTrunks = () => useQuery({ queryKey: ['trunks'], queryFn: () => take(api.GET('/api/v1/trunks')), refetchInterval: 5_000 });

function Trunks() {
  const { t } = useTranslation();
  const trunks = useTrunks();
  return (
    <Table
      size="small"
      rowKey="id"
      pagination={false}
      loading={trunks.isPending}
      dataSource={trunks.data}
      locale={{ emptyText: <Nothing text={t('network.noTrunks')} /> }}
      columns={[
        { title: t('network.name'), render: (_, k) => k.name || k.id },
        { title: t('network.calls'), className: 'num', render: (_, k) => (k.maxCalls ? `${k.calls} / ${k.maxCalls}` : k.calls) },
        { title: t('network.refused'), dataIndex: 'refused', className: 'num', align: 'right' },
        {
          title: t('network.targets'),
          render: (_, k) =>
            k.targets?.map((x) => (
              <div key={x.network + x.address + x.host} className="num">
                <Badge
                  status={x.up ? 'success' : 'error'}
                  text={`${x.network} ${[x.address, x.host].filter(Boolean).join(' ')} · ${x.up ? t('network.up') : t('network.down')}`}
                />{' '}
                <span className="quiet">
                  {stamp(x.since)} {x.why}
                </span>
              </div>
            )),
        },
      ]}
    />
  );
}

// NumberTest says what a number is, and what it becomes on each trunk.
export function NumberTest() {
  const { t } = useTranslation();
  const trunks = useTrunks().data ?? [];
  const [number, setNumber] = useState('');
  const about = useQuery({
    queryKey: ['number', number],
    enabled: number !== '',
    queryFn: () => take(api.GET('/api/v1/numbers/{number}', { params: { path: { number } } })),
  });
  const tests = useQueries({
    queries: trunks.map((k) => ({
      queryKey: ['trunks', k.id, number],
      enabled: number !== '',
      queryFn: () => take(api.GET('/api/v1/trunks/{id}/test', { params: { path: { id: k.id }, query: { number } } })),
    })),
  });
  const failed = about.error ?? tests.find((x) => x.error)?.error;
  const what = about.data;
  return (
    <Card size="small" title={t('network.test')}>
      <Input.Search
        style={{ marginBottom: 8 }}
        maxLength={60}
        placeholder="13800138000"
        enterButton={t('act.try')}
        aria-label={t('calls.number')}
        onSearch={(v) => setNumber(v.trim())}
      />
      {failed ? <Alert type="error" title={failed.message} /> : null}
      {number === '' ? (
        <div className="quiet">{t('network.testHint')}</div>
      ) : (
        <>
          <Descriptions
            size="small"
            column={1}
            items={[
              { key: 'r', label: t('network.region'), children: what ? `${what.region || '–'} (${what.confidence}%)` : '–' },
              { key: 'k', label: t('network.kind'), children: what?.kind ?? '–' },
              { key: 'e', label: 'E.164', children: what?.e164 || '–' },
            ]}
          />
          {trunks.map((k, i) => {
            const test = tests[i]?.data;
            return (
              <Descriptions
                key={k.id}
                size="small"
                column={1}
                title={<span style={{ fontSize: 14 }}>{k.name || k.id}</span>}
                style={{ marginTop: 8 }}
                items={[
                  { key: 'ci', label: t('network.callerIn'), children: test?.callerIn || '–' },
                  { key: 'co', label: t('network.callerOut'), children: test?.callerOut || '–' },
                  { key: 'cd', label: t('network.calledOut'), children: test?.calledOut || '–' },
                  ...(test?.out
                    ? [
                        {
                          key: 'i',
                          label: 'INVITE',
                          children: <span style={{ whiteSpace: 'pre-wrap' }}>{test.out.lines?.join('\n')}</span>,
                        },
                      ]
                    : []),
                ]}
              />
            );
          })}
        </>
      )}
    </Card>
  );
}

function Phones() {
  const { t } = useTranslation();
  const phones = useQuery({ queryKey: ['phones'], queryFn: () => take(api.GET('/api/v1/registrations')), refetchInterval: 5_000 });
  const rows = phones.data?.flatMap((p) => p.contacts?.map((c) => ({ user: p.user, ...c })) ?? []);
  return (
    <Table
      size="small"
      rowKey={(r) => r.user + r.uri}
      loading={phones.isPending}
      dataSource={rows}
      pagination={{ pageSize: 30, hideOnSinglePage: true }}
      locale={{ emptyText: <Nothing text={t('network.noPhones')} /> }}
      columns={[
        { title: t('network.user'), dataIndex: 'user', className: 'num' },
        { title: t('network.device'), dataIndex: 'userAgent' },
        { title: t('network.address'), dataIndex: 'from', className: 'num' },
        { title: t('network.expires'), className: 'num', render: (_, r) => stamp(r.expires) },
      ]}
    />
  );
}

// Network is the trunks with their health, the phones, and the test box for numbers.
export default function Network() {
  const { t } = useTranslation();
  return (
    <Page title={t('network.title')}>
      <div className="split">
        <div style={{ display: 'grid', gap: 12 }}>
          <Card size="small" title={t('network.trunks')}>
            <Trunks />
          </Card>
          <Card size="small" title={t('network.phones')}>
            <Phones />
          </Card>
        </div>
        <NumberTest />
      </div>
    </Page>
  );
}
