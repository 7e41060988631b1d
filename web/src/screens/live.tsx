import { SearchOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Flex, Input, Popconfirm, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, type CallRecord } from '../api/client';
import { useAgents, useLiveCalls, useQueueName } from '../live';
import { Nothing } from '../parts/ask';
import { Num } from '../parts/number';
import { Page } from '../parts/page';
import { regionOf } from '../parts/region';
import { Since } from '../parts/since';
import { stamp } from '../parts/time';
import { Move, Supervise } from './supervise';

// where is the place a live call is at.
function useWhere() {
  const { t } = useTranslation();
  const queueName = useQueueName();
  const agents = useAgents().data;
  return (c: CallRecord) => {
    const agent = c.agents?.findLast((a) => a.connected && !a.left);
    if (agent) return `${t('state.talking')} · ${agents?.find((a) => a.id === agent.agent)?.name || agent.agent}`;
    const stay = c.queues?.findLast((q) => !q.left);
    if (stay) return `${t('fact.queued')} · ${queueName(stay.queue)}`;
    return c.answered ? 'IVR' : t('calls.open');
  };
}

// Live is the calls under way, and a way to end one.
export default function Live() {
  const { t } = useTranslation();
  const calls = useLiveCalls();
  const where = useWhere();
  const [search, setSearch] = useState('');
  const sought = search.toLowerCase();
  const fits = (c: CallRecord) =>
    [c.caller.e164, c.caller.raw, c.called.raw, c.did, c.region, c.topic, where(c)].some((x) => x?.toLowerCase().includes(sought));
  const client = useQueryClient();
  const { message } = App.useApp();
  const hangUp = async (id: string) => {
    try {
      await api.DELETE('/api/v1/calls/{id}', { params: { path: { id } } });
    } catch (err) {
      message.error((err as Error).message);
    }
    await client.invalidateQueries({ queryKey: ['live'] });
  };
  return (
    <Page title={t('live.title')}>
      <Flex style={{ marginBottom: 12 }} role="search">
        <Input
          allowClear
          style={{ width: 300 }}
          maxLength={100}
          prefix={<SearchOutlined />}
          placeholder={t('live.search')}
          aria-label={t('live.search')}
          onChange={(e) => setSearch(e.target.value.trim())}
        />
      </Flex>
      <Table
        size="small"
        rowKey="call"
        loading={calls.isPending}
        dataSource={search ? calls.data?.filter(fits) : calls.data}
        pagination={{ pageSize: 50, hideOnSinglePage: true, showSizeChanger: false, showTotal: (n) => t('common.of', { n }) }}
        locale={{ emptyText: <Nothing text={t(search ? 'common.noMatch' : 'live.none')} /> }}
        columns={[
          { title: t('calls.started'), className: 'num', render: (_, c) => stamp(c.started) },
          { title: t('calls.caller'), className: 'num', render: (_, c) => <Num value={c.caller.e164 || c.caller.raw} /> },
          { title: t('calls.region'), render: (_, c) => regionOf(c.region) },
          { title: t('calls.called'), className: 'num keep', dataIndex: 'did' },
          { title: t('calls.topic'), className: 'keep', dataIndex: 'topic' },
          { title: t('sup.where'), className: 'keep', render: (_, c) => where(c) },
          { title: t('calls.duration'), className: 'num', align: 'right', render: (_, c) => <Since at={c.started} /> },
          { title: t('sup.listen'), render: (_, c) => <Supervise call={c} /> },
          {
            title: '',
            className: 'keep',
            align: 'right',
            render: (_, c) => (
              <>
                <Move call={c} /> <Link to={`/calls/${c.call}`}>{t('act.details')}</Link>{' '}
                <Popconfirm title={t('live.sure')} onConfirm={() => hangUp(c.call)}>
                  <Button size="small" danger type="text">
                    {t('act.hangUp')}
                  </Button>
                </Popconfirm>
              </>
            ),
          },
        ]}
      />
    </Page>
  );
}
