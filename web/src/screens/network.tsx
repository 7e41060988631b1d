import { useQuery } from '@tanstack/react-query';
import { Alert, Badge, Card, Descriptions, Flex, Input, Select, Table } from 'antd';
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

// NumberTest shows what a number is, and what it becomes on a trunk.
export function NumberTest() {
  const { t } = useTranslation();
  const trunks = useTrunks().data ?? [];
  const [trunk, setTrunk] = useState<string>();
  const [number, setNumber] = useState('');
  const chosen = trunk ?? trunks[0]?.id;
  const about = useQuery({
    queryKey: ['number', number],
    enabled: number !== '',
    queryFn: () => take(api.GET('/api/v1/numbers/{number}', { params: { path: { number } } })),
  });
  const test = useQuery({
    queryKey: ['trunks', chosen, number],
    enabled: number !== '' && chosen !== undefined,
    queryFn: () => take(api.GET('/api/v1/trunks/{id}/test', { params: { path: { id: chosen ?? '' }, query: { number } } })),
  });
  const failed = about.error ?? test.error;
  const rows = [
    [t('network.region'), about.data && `${about.data.region || '–'} (${about.data.confidence}%)`],
    [t('network.kind'), about.data?.kind],
    ['E.164', about.data?.e164],
    [t('network.callerIn'), test.data?.callerIn],
    [t('network.callerOut'), test.data?.callerOut],
    [t('network.calledOut'), test.data?.calledOut],
    ['INVITE', test.data?.out && <span style={{ whiteSpace: 'pre-wrap' }}>{test.data.out.lines?.join('\n')}</span>],
  ] as const;
  return (
    <Card size="small" title={t('network.test')}>
      <Flex gap={8} style={{ marginBottom: 8 }}>
        <Select
          aria-label={t('network.trunks')}
          style={{ width: 150 }}
          value={chosen}
          onChange={setTrunk}
          options={trunks.map((k) => ({ value: k.id, label: k.name || k.id }))}
        />
        <Input.Search
          maxLength={60}
          placeholder="13800138000"
          enterButton={t('act.try')}
          aria-label={t('calls.number')}
          onSearch={(v) => setNumber(v.trim())}
        />
      </Flex>
      {failed ? <Alert type="error" title={failed.message} /> : null}
      {number === '' ? (
        <div className="quiet">{t('network.testHint')}</div>
      ) : (
        <Descriptions size="small" column={1} items={rows.map(([label, children], key) => ({ key, label, children: children || '–' }))} />
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
