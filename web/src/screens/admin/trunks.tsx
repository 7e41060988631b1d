import { Divider } from 'antd';
import { useState } from 'react';
import { Page } from '../../parts/page';
import { useTrunks } from '../../parts/trunks';
import { NumberTest, Targets } from '../network';
import type { Kept } from './config';
import { Editor } from './editor';
import type { Field } from './fields';
import { Items } from './list';
import { useWords } from './words';

const places = ['P-Asserted-Identity', 'P-Preferred-Identity', 'Remote-Party-ID', 'From'];

const rewrites: Field[] = [
  { name: 'prefix', as: 'text' },
  { name: 'strip', as: 'number' },
  { name: 'add', as: 'text' },
];

const fields: Field[] = [
  { name: 'id', as: 'text', fixed: true, need: true },
  { name: 'name', as: 'text' },
  { name: 'sources', as: 'tags' },
  {
    name: 'targets',
    as: 'rows',
    fields: [
      { name: 'address', as: 'text' },
      { name: 'transport', as: 'choice', of: ['udp', 'tcp', 'tls'], say: 'transport' },
      { name: 'priority', as: 'number' },
      { name: 'weight', as: 'number' },
      { name: 'server_name', as: 'text' },
      { name: 'insecure', as: 'switch' },
    ],
  },
  { name: 'user', as: 'text' },
  { name: 'password', as: 'secret' },
  {
    name: 'register',
    as: 'group',
    fields: [
      { name: 'domain', as: 'text' },
      { name: 'user', as: 'text' },
      { name: 'contact', as: 'text' },
      { name: 'expires', as: 'time' },
      { name: 'each', as: 'switch' },
    ],
  },
  { name: 'options_every', as: 'time' },
  { name: 'answer_within', as: 'time' },
  { name: 'max_calls', as: 'number' },
  { name: 'max_cps', as: 'number' },
  { name: 'max_cps_in', as: 'number' },
  { name: 'priority', as: 'number' },
  { name: 'weight', as: 'number' },
  { name: 'caller_id', as: 'text' },
  { name: 'format', as: 'choice', of: ['e164', 'national'], say: 'format' },
  { name: 'city', as: 'text' },
  { name: 'show', as: 'choices', of: places },
  { name: 'from_domain', as: 'text' },
  { name: 'user_phone', as: 'switch' },
  { name: 'hide', as: 'switch' },
  { name: 'trusted', as: 'switch' },
  { name: 'dtmf', as: 'choices', of: ['rfc4733', 'info', 'inband'], say: 'keys' },
  { name: 'srtp', as: 'choice', of: ['off', 'optional', 'required'], say: 'srtp' },
  { name: 'codecs', as: 'choices', of: ['opus', 'g722', 'pcma', 'pcmu'], say: 'codec' },
  { name: 'caller_in', as: 'rows', fields: rewrites },
  { name: 'caller_out', as: 'rows', fields: rewrites },
  { name: 'called_out', as: 'rows', fields: rewrites },
  {
    name: 'per_day',
    as: 'group',
    fields: [
      { name: 'calls', as: 'number' },
      { name: 'minutes', as: 'number' },
    ],
  },
];

function Health({ id }: { id: string }) {
  const trunk = (useTrunks(5_000).data ?? []).find((k) => k.id === id);
  return trunk ? <Targets of={trunk} /> : '–';
}

// Trunks are the carriers: how they are reached, how numbers are told to them, and how they are now.
export default function Trunks() {
  const t = useWords();
  const [open, setOpen] = useState<Kept | null>();
  const health = useTrunks(5_000);
  const now = (id: string) => (health.data ?? []).find((k) => k.id === id);
  return (
    <Page title={t('trunk.title')}>
      <Items
        kind="trunk"
        onOpen={setOpen}
        onAdd={() => setOpen(null)}
        columns={[
          { name: 'id', title: t('trunk.id') },
          { name: 'name', title: t('trunk.name') },
          { name: 'health', title: t('trunk.health'), unsorted: true, render: (_, kept) => <Health id={kept.id} /> },
          { name: 'live', title: t('trunk.live'), unsorted: true, render: (_, kept) => now(kept.id)?.calls ?? '–' },
          { name: 'max_calls', title: t('trunk.max_calls') },
          { name: 'today', title: t('trunk.today'), unsorted: true, render: (_, kept) => now(kept.id)?.callsToday ?? '–' },
          { name: 'priority', title: t('trunk.priority') },
        ]}
      />
      <div style={{ marginTop: 12 }}>
        <NumberTest />
      </div>
      {open !== undefined ? (
        <Editor
          key={open?.id ?? ''}
          kind="trunk"
          kept={open}
          fields={fields}
          start={{ options_every: '30s' }}
          title={open ? String(open.item.name ?? open.id) : t('trunk.new')}
          onClose={() => setOpen(undefined)}
        >
          {open ? (
            <>
              <Divider titlePlacement="start">{t('trunk.health')}</Divider>
              <Health id={open.id} />
            </>
          ) : null}
        </Editor>
      ) : null}
    </Page>
  );
}
