import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Badge, Button, Card, Descriptions, Input, Popconfirm, Select } from 'antd';
import { useState } from 'react';
import { api, may, type Trunk, take } from '../api/client';
import type { components } from '../api/schema';
import { Page } from '../parts/page';
import { Paged } from '../parts/paged';
import { regionOf } from '../parts/region';
import { stamp } from '../parts/time';
import { useTrunks } from '../parts/trunks';
import { useMe } from '../session';
import { useAllWords } from './admin/words';

type Registration = components['schemas']['RegistrationView'];
type Ban = components['schemas']['BanView'];

type Health = 'up' | 'down';

function Trunks() {
  const t = useAllWords();
  const [health, setHealth] = useState<Health>();
  return (
    <Paged<Trunk>
      name={['trunks', 'list', health]}
      load={async ({ sort, ...asked }) => {
        const query = { ...asked, sort: sort as 'id' | undefined, health };
        const { trunks, total } = await take(api.GET('/api/v1/trunks', { params: { query } }));
        return { rows: trunks ?? [], total };
      }}
      every={5_000}
      filtered={health !== undefined}
      rowKey="id"
      none={t('network.noTrunks')}
      hint={t('network.noTrunksHint')}
      beside={
        <Select<Health>
          allowClear
          style={{ width: 120 }}
          placeholder={t('network.health')}
          aria-label={t('network.health')}
          onChange={setHealth}
          options={(['up', 'down'] as const).map((value) => ({ value, label: t(`network.${value}`) }))}
        />
      }
      columns={[
        { key: 'name', title: t('network.name'), sorter: true, render: (_, k) => k.name || k.id },
        {
          key: 'calls',
          title: t('network.calls'),
          className: 'num',
          sorter: true,
          render: (_, k) => (k.maxCalls ? `${k.calls} / ${k.maxCalls}` : k.calls),
        },
        { key: 'refused', title: t('network.refused'), dataIndex: 'refused', className: 'num', align: 'right', sorter: true },
        { key: 'targets', title: t('network.targets'), render: (_, k) => <Targets of={k} /> },
      ]}
    />
  );
}

// Targets are the addresses of a trunk, each with how it is and since when.
export function Targets({ of }: { of: Trunk }) {
  const t = useAllWords();
  const targets = of.targets ?? [];
  if (targets.length === 0) return <span className="quiet">{t('network.incoming')}</span>;
  return targets.map((x) => (
    <div key={x.network + x.address + x.host} className="num">
      <Badge
        status={x.up ? 'success' : 'error'}
        text={`${x.network.toUpperCase()} ${[x.address, x.host].filter(Boolean).join(' ')} · ${x.up ? t('network.up') : t('network.down')}`}
      />{' '}
      <span className="quiet">
        {stamp(x.since)} {x.why} {x.registration ? t(x.registration.registered ? 'network.registered' : 'network.notRegistered') : ''}
      </span>
    </div>
  ));
}

// NumberTest says what a number is, and what it becomes on each trunk.
export function NumberTest() {
  const t = useAllWords();
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
              {
                key: 'r',
                label: t('network.region'),
                children: what?.region ? t('network.sure', { region: regionOf(what.region), n: what.confidence }) : '–',
              },
              { key: 'k', label: t('network.kind'), children: what ? t(`numberKind.${what.kind}`, { defaultValue: what.kind }) : '–' },
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

const networks = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;

function Phones() {
  const t = useAllWords();
  const [network, setNetwork] = useState<(typeof networks)[number]>();
  return (
    <Paged<Registration>
      name={['registrations', network]}
      load={async ({ sort, ...asked }) => {
        const query = { ...asked, sort: sort as 'user' | undefined, network };
        const { registrations, total } = await take(api.GET('/api/v1/registrations', { params: { query } }));
        return { rows: registrations ?? [], total };
      }}
      every={5_000}
      filtered={network !== undefined}
      rowKey="user"
      none={t('network.noPhones')}
      hint={t('network.noPhonesHint')}
      beside={
        <Select<(typeof networks)[number]>
          allowClear
          style={{ width: 120 }}
          placeholder={t('network.transport')}
          aria-label={t('network.transport')}
          onChange={setNetwork}
          options={networks.map((value) => ({ value, label: value.toUpperCase() }))}
        />
      }
      columns={[
        { key: 'user', title: t('network.user'), dataIndex: 'user', className: 'num', sorter: true },
        { key: 'userAgent', title: t('network.device'), sorter: true, render: (_, r) => each(r, (c) => c.userAgent || '–') },
        { key: 'from', title: t('network.address'), className: 'num', sorter: true, render: (_, r) => each(r, (c) => c.from) },
        { key: 'expires', title: t('network.expires'), className: 'num', sorter: true, render: (_, r) => each(r, (c) => stamp(c.expires)) },
      ]}
    />
  );
}

// each is a line for each place where a phone is registered.
const each = (r: Registration, say: (c: NonNullable<Registration['contacts']>[number]) => string) =>
  r.contacts?.map((c) => <div key={c.uri + c.from}>{say(c)}</div>);

const reasons = ['scanner', 'wrong passwords'] as const;

// Bans are the SIP sources that are not heard; an administrator lets one be heard again.
function Bans() {
  const t = useAllWords();
  const client = useQueryClient();
  const { message } = App.useApp();
  const admin = may(useMe(), 'admin');
  const [why, setWhy] = useState<(typeof reasons)[number]>();
  const lift = async (source: string) => {
    try {
      await api.DELETE('/api/v1/bans/{source}', { params: { path: { source } } });
    } catch (err) {
      message.error((err as Error).message);
    }
    await client.invalidateQueries({ queryKey: ['bans'] });
  };
  return (
    <Paged<Ban>
      name={['bans', why]}
      load={async ({ sort, ...asked }) => {
        const query = { ...asked, sort: sort as 'since' | undefined, why };
        const { bans, total } = await take(api.GET('/api/v1/bans', { params: { query } }));
        return { rows: bans ?? [], total };
      }}
      every={15_000}
      filtered={why !== undefined}
      rowKey="source"
      none={t('network.noBans')}
      hint={t('network.noBansHint')}
      beside={
        <Select<(typeof reasons)[number]>
          allowClear
          style={{ width: 130 }}
          placeholder={t('network.why')}
          aria-label={t('network.why')}
          onChange={setWhy}
          options={reasons.map((value) => ({ value, label: t(`network.${value}`) }))}
        />
      }
      columns={[
        { key: 'source', title: t('network.source'), dataIndex: 'source', className: 'num', sorter: true },
        { key: 'why', title: t('network.why'), render: (_, b) => t(`network.${b.why as (typeof reasons)[number]}`) },
        { key: 'since', title: t('network.since'), className: 'num', sorter: true, render: (_, b) => stamp(b.since) },
        { key: 'until', title: t('network.until'), className: 'num', sorter: true, render: (_, b) => stamp(b.until) },
        { key: 'times', title: t('network.times'), dataIndex: 'times', className: 'num', align: 'right', sorter: true },
        { key: 'dropped', title: t('network.dropped'), dataIndex: 'dropped', className: 'num', align: 'right', sorter: true },
        ...(admin
          ? [
              {
                key: 'lift',
                title: t('common.actions'),
                align: 'right' as const,
                render: (_: unknown, b: Ban) => (
                  <Popconfirm title={t('network.liftSure')} onConfirm={() => lift(b.source)}>
                    <Button size="small">{t('network.lift')}</Button>
                  </Popconfirm>
                ),
              },
            ]
          : []),
      ]}
    />
  );
}

// Network is the trunks with their health, the phones, who is not heard, and the test box for numbers.
export default function Network() {
  const t = useAllWords();
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
          <Card size="small" title={t('network.bans')}>
            <Bans />
          </Card>
        </div>
        <NumberTest />
      </div>
    </Page>
  );
}
