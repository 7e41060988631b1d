import { useQuery } from '@tanstack/react-query';
import { Badge, Button, Popconfirm, Table, Tooltip } from 'antd';
import { useState } from 'react';
import { api, take } from '../../api/client';
import { Page } from '../../parts/page';
import { stamp } from '../../parts/time';
import { type Kept, useItems } from './config';
import { Editor, Findings, useSaving } from './editor';
import type { Field } from './fields';
import { Items, said } from './list';
import { Single } from './single';
import { useWords } from './words';

const policies = ['off', 'optional', 'required'];

const fields: Field[] = [
  { name: 'user', as: 'text', fixed: true, need: true },
  { name: 'password', as: 'made' },
  { name: 'srtp', as: 'choice', of: policies, say: 'srtp' },
  { name: 'codecs', as: 'choices', of: ['opus', 'g722', 'pcma', 'pcmu'], say: 'codec' },
  {
    name: 'per_day',
    as: 'group',
    fields: [
      { name: 'calls', as: 'number' },
      { name: 'minutes', as: 'number' },
    ],
  },
];

// usual are the codes as they are where nothing else is said.
const usual = {
  park: '*70',
  slots: '701-799',
  pick_up: '*8',
  sign_in: '*51',
  sign_out: '*52',
  ready: '*53',
  break: '*54',
  end_wrap: '*55',
};
const codes: Field[] = Object.entries(usual).map(([name, otherwise]) => ({ name, as: 'code', otherwise }));

const useRegistrations = () =>
  useQuery({
    queryKey: ['live', 'registrations'],
    queryFn: async () => (await take(api.GET('/api/v1/registrations', { params: { query: { limit: 10_000 } } }))).registrations ?? [],
    refetchInterval: 5_000,
  });

function Contacts({ user }: { user: string }) {
  const t = useWords();
  const all = useRegistrations();
  const contacts = (all.data ?? []).find((r) => r.user === user)?.contacts ?? [];
  if (contacts.length === 0) return <Badge status="default" text={t('phone.notRegistered')} />;
  return (
    <Table
      size="small"
      rowKey="uri"
      pagination={false}
      dataSource={contacts}
      columns={[
        { title: t('phone.devices'), render: (_, c) => c.userAgent || c.uri },
        { title: t('phone.from'), dataIndex: 'from', className: 'num' },
        { title: t('phone.until'), className: 'num', render: (_, c) => stamp(c.expires) },
      ]}
    />
  );
}

// Phones are the accounts that phones register with, and what is registered now.
export default function Phones() {
  const t = useWords();
  const [open, setOpen] = useState<Kept | null>();
  const people = useItems('person');
  const registered = useRegistrations();
  const { save, findings } = useSaving();
  const owner = (user: string) => (people.data?.items ?? []).find((p) => p.item.phone === user);
  const devices = (user: string) => (registered.data ?? []).find((r) => r.user === user)?.contacts ?? [];
  return (
    <Page title={t('phone.title')}>
      <Findings all={findings} />
      <Items
        kind="phone"
        onOpen={setOpen}
        onAdd={() => setOpen(null)}
        filters={[{ name: 'srtp', label: t('phone.srtp'), options: policies.map((value) => ({ value, label: t(`srtp.${value}`) })) }]}
        columns={[
          { name: 'user', title: t('phone.user') },
          {
            name: 'owner',
            title: t('phone.owner'),
            unsorted: true,
            render: (p) => String(owner(String(p.user))?.item.name ?? owner(String(p.user))?.id ?? '–'),
          },
          {
            name: 'registered',
            title: t('phone.registration'),
            unsorted: true,
            render: (p) => {
              const all = devices(String(p.user));
              return (
                <Tooltip title={all.map((c) => `${c.userAgent ?? ''} ${c.from}`).join(' · ')}>
                  <Badge
                    status={all.length > 0 ? 'success' : 'default'}
                    text={all.length > 0 ? `${t('phone.registered')} (${all.length})` : t('phone.notRegistered')}
                  />
                </Tooltip>
              );
            },
          },
          { name: 'srtp', title: t('phone.srtp'), render: (p) => (p.srtp ? t(`srtp.${String(p.srtp)}`) : '–') },
          {
            name: 'codecs',
            title: t('phone.codecs'),
            render: (p) => said(((p.codecs as string[] | undefined) ?? []).map((c) => t(`codec.${c}`, { defaultValue: c })).join(' · ')),
          },
          {
            name: 'actions',
            title: t('common.actions'),
            unsorted: true,
            render: (_, kept) => (
              <Popconfirm
                title={t('phone.freshSure')}
                styles={{ root: { maxWidth: 320 } }}
                onConfirm={() =>
                  save([{ kind: 'phone', id: kept.id, revision: kept.revision, item: { ...kept.item, password: 'generate' } }])
                }
              >
                <Button size="small">{t('phone.fresh')}</Button>
              </Popconfirm>
            ),
          },
        ]}
      />
      <div style={{ marginTop: 16 }}>
        <Single kind="codes" fields={codes} />
      </div>
      {open !== undefined ? (
        <Editor
          key={open?.id ?? ''}
          kind="phone"
          kept={open}
          fields={fields}
          start={{ password: 'generate' }}
          title={open ? open.id : t('phone.new')}
          onClose={() => setOpen(undefined)}
        >
          {open ? <Contacts user={open.id} /> : null}
        </Editor>
      ) : null}
    </Page>
  );
}
