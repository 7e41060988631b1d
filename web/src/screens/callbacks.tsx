import '../i18n/lists';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, DatePicker, Flex, Form, Input, Popconfirm, Select, Tag, Tooltip } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take } from '../api/client';
import type { components } from '../api/schema';
import { useQueues } from '../live';
import { PickQueue } from '../parts/filters';
import { FormModal } from '../parts/formmodal';
import { AgentName, QueueName, useBy } from '../parts/names';
import { Num } from '../parts/number';
import { Page } from '../parts/page';
import { Paged } from '../parts/paged';
import { regionOf } from '../parts/region';
import { stamp } from '../parts/time';
import { begun, useCode } from '../parts/why';

type Callback = components['schemas']['CallbackEntry'];

const colours = { waiting: 'orange', calling: 'blue', done: 'green', failed: 'red', expired: 'red', cancelled: 'default' } as const;
type State = keyof typeof colours;

// open is those that are still to come: what the page begins with.
const open = 'open';

// Result is how a callback came out, or how its latest try went.
function Result({ of }: { of: Callback }) {
  const { t } = useTranslation();
  const code = useCode();
  const own: Partial<Record<string, string>> = { 'called-in': t('back.calledIn'), 'no-queue': t('back.noQueue') };
  const text = of.state === 'done' && of.last !== 'called-in' ? t('back.done') : begun(own[of.last ?? ''] ?? code(of.last));
  if (!of.attempt || of.last === 'no-queue') return text || '–';
  return <Link to={`/calls/${of.attempt}`}>{text || t('act.details')}</Link>;
}

// Callbacks are the customers who are to be called back, and who were.
export default function Callbacks() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const by = useBy();
  const [state, setState] = useState<State | typeof open | undefined>(open);
  const [queue, setQueue] = useState<string>();
  const act = async (what: Promise<unknown>, done: string) => {
    try {
      await what;
      message.success(done);
    } catch (err) {
      message.error((err as Error).message);
    }
    await client.invalidateQueries({ queryKey: ['callbacks'] });
  };
  const path = (id: string) => ({ params: { path: { id } } });
  return (
    <Page title={t('back.title')} extra={<Add />}>
      <Paged<Callback>
        name={['callbacks', state, queue]}
        load={async ({ sort, ...asked }) => {
          const of = state === open ? { open: true } : { state };
          const query = { ...asked, ...of, queue, sort: sort as '-askedAt' | undefined };
          const { callbacks, total } = await take(api.GET('/api/v1/callbacks', { params: { query } }));
          return { rows: callbacks ?? [], total };
        }}
        every={5_000}
        filtered={(state !== undefined && state !== open) || queue !== undefined}
        rowKey="id"
        wide
        search={t('back.search')}
        none={t(state === open ? 'back.noneOpen' : 'back.none')}
        hint={t('back.noneHint')}
        beside={
          <>
            <Select<State | typeof open>
              allowClear
              style={{ width: 170 }}
              placeholder={t('back.state')}
              aria-label={t('back.state')}
              value={state}
              onChange={setState}
              options={[open, ...(Object.keys(colours) as State[])].map((value) => ({ value, label: t(`back.${value}`) }))}
            />
            <PickQueue label={t('back.queue')} value={queue} onChange={setQueue} />
          </>
        }
        columns={[
          {
            key: 'askedAt',
            title: t('back.askedAt'),
            className: 'num',
            sorter: true,
            render: (_, c) => (
              <>
                {stamp(c.askedAt)} <span className="quiet">{by(c.by) || t('back.byCustomer')}</span>
              </>
            ),
          },
          {
            key: 'number',
            title: t('back.number'),
            sorter: true,
            render: (_, c) => (
              <>
                <Num value={c.number} /> <span className="quiet">{regionOf(c.region)}</span>
              </>
            ),
          },
          { key: 'queue', title: t('back.queue'), sorter: true, render: (_, c) => <QueueName id={c.queue} /> },
          { key: 'topic', title: t('back.topic'), dataIndex: 'topic' },
          {
            key: 'since',
            title: (
              <Tooltip title={t('back.sinceHint')}>
                <span className="formula">{t('back.since')}</span>
              </Tooltip>
            ),
            className: 'num',
            sorter: true,
            render: (_, c) => (Date.parse(c.since) > Date.now() ? '–' : stamp(c.since)), // else they are not in the queue yet
          },
          {
            key: 'state',
            title: t('back.state'),
            sorter: true,
            render: (_, c) => <Tag color={colours[c.state as State]}>{t(`back.${c.state as State}`)}</Tag>,
          },
          { key: 'tries', title: t('back.tries'), className: 'num', align: 'right', sorter: true, dataIndex: 'tries' },
          {
            key: 'notBefore',
            title: t('back.next'),
            className: 'num',
            sorter: true,
            render: (_, c) =>
              c.state === 'waiting' ? (Date.parse(c.notBefore) > Date.now() ? stamp(c.notBefore) : t('back.dueNow')) : '–',
          },
          { key: 'agent', title: t('back.agent'), render: (_, c) => (c.agent ? <AgentName id={c.agent} /> : '–') },
          { key: 'result', title: t('back.result'), render: (_, c) => <Result of={c} /> },
          {
            key: 'do',
            title: '',
            align: 'right',
            render: (_, c) => (
              <Flex gap={4} justify="flex-end">
                {c.state === 'waiting' ? (
                  <Popconfirm
                    title={t('back.nowSure')}
                    onConfirm={() => act(api.POST('/api/v1/callbacks/{id}/now', path(c.id)), t('back.nowDone'))}
                  >
                    <Button size="small">{t('back.now')}</Button>
                  </Popconfirm>
                ) : null}
                {c.state === 'waiting' || c.state === 'calling' ? (
                  <Popconfirm
                    title={t('back.cancelSure')}
                    onConfirm={() => act(api.DELETE('/api/v1/callbacks/{id}', path(c.id)), t('back.cancelDone'))}
                  >
                    <Button size="small" danger type="text">
                      {t('back.cancel')}
                    </Button>
                  </Popconfirm>
                ) : null}
              </Flex>
            ),
          },
        ]}
      />
    </Page>
  );
}

interface Wish {
  number: string;
  queue: string;
  topic?: string;
  notBefore?: Dayjs;
}

// Add keeps a callback that somebody else than the customer asks for.
function Add() {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const client = useQueryClient();
  const queues = useQueues().data ?? [];
  const [shown, show] = useState(false);
  const add = async ({ number, queue, topic, notBefore }: Wish) => {
    try {
      await api.POST('/api/v1/callbacks', {
        body: { number, queue, topic: topic?.trim() || undefined, notBefore: notBefore?.toISOString() },
      });
      message.success(t('back.added'));
      show(false);
    } catch (err) {
      message.error((err as Error).message);
    }
    await client.invalidateQueries({ queryKey: ['callbacks'] });
  };
  return (
    <>
      <Button type="primary" onClick={() => show(true)}>
        {t('back.add')}
      </Button>
      <FormModal<Wish> open={shown} title={t('back.add')} onFinish={add} onCancel={() => show(false)}>
        <Form.Item name="number" label={t('back.number')} rules={[{ required: true, whitespace: true }]}>
          <Input maxLength={60} inputMode="tel" />
        </Form.Item>
        <Form.Item name="queue" label={t('back.queue')} rules={[{ required: true }]}>
          <Select options={queues.map((q) => ({ value: q.id, label: q.name || q.id }))} />
        </Form.Item>
        <Form.Item name="topic" label={t('back.topic')}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="notBefore" label={t('back.notBefore')} extra={t('back.notBeforeHint')}>
          <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" />
        </Form.Item>
      </FormModal>
    </>
  );
}
