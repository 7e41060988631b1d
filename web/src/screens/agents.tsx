import { SearchOutlined } from '@ant-design/icons';
import { Flex, Input, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Agent, AgentState } from '../api/client';
import { useAgents, useQueues } from '../live';
import { Nothing } from '../parts/ask';
import { QueueName } from '../parts/names';
import { Page } from '../parts/page';
import { Since } from '../parts/since';
import { stateColour } from '../parts/state';
import { Followers } from './follow';
import { Membership } from './membership';
import { StateSwitch } from './stateswitch';
import { SentButton, WriteButton } from './write';

// fresh draws a cell anew only where its agent changed.
const fresh = (columns: TableColumnsType<Agent>): TableColumnsType<Agent> =>
  columns.map((c) => ({ ...c, shouldCellUpdate: (a: Agent, before: Agent) => a !== before }));

// Agents is every agent with a state, since when, and a way to force another.
export default function Agents() {
  const { t, i18n } = useTranslation();
  const agents = useAgents();
  const queues = useQueues().data ?? [];
  const [search, setSearch] = useState('');
  const [state, setState] = useState<AgentState>();
  const [queue, setQueue] = useState<string>();
  const fits = (a: Agent) =>
    (!state || a.state === state) &&
    (!queue || queue in a.queues) &&
    `${a.id} ${a.name} ${a.phone ?? ''}`.toLowerCase().includes(search.toLowerCase());
  const shown = agents.data?.filter(fits);
  const narrowed = Boolean(search || state || queue);
  const byName = (a: { name: string; id: string }, b: { name: string; id: string }) => (a.name || a.id).localeCompare(b.name || b.id);
  return (
    <Page
      title={t('agents.title')}
      extra={
        <Flex gap={8}>
          <SentButton />
          <WriteButton />
        </Flex>
      }
    >
      <Flex gap={8} style={{ marginBottom: 12 }} role="search" wrap>
        <Input
          allowClear
          style={{ width: 260 }}
          maxLength={100}
          prefix={<SearchOutlined />}
          placeholder={t('agents.search')}
          aria-label={t('agents.search')}
          onChange={(e) => setSearch(e.target.value.trim())}
        />
        <Select<AgentState>
          allowClear
          style={{ width: 130 }}
          placeholder={t('agents.state')}
          aria-label={t('agents.state')}
          onChange={setState}
          options={(Object.keys(stateColour) as AgentState[]).map((value) => ({ value, label: t(`state.${value}`) }))}
        />
        <Select<string>
          allowClear
          style={{ width: 170 }}
          placeholder={t('agents.queue')}
          aria-label={t('agents.queue')}
          onChange={setQueue}
          options={queues.map((q) => ({ value: q.id, label: q.name || q.id }))}
        />
      </Flex>
      <Table
        key={i18n.language}
        size="small"
        rowKey="id"
        loading={agents.isPending}
        dataSource={shown}
        pagination={{ pageSize: 25, hideOnSinglePage: true, showSizeChanger: false, showTotal: (n) => t('common.of', { n }) }}
        locale={{
          emptyText: <Nothing text={t(narrowed ? 'common.noMatch' : 'agents.none')} hint={narrowed ? undefined : t('agents.noneHint')} />,
        }}
        columns={fresh([
          { title: t('agents.name'), className: 'keep', sorter: byName, render: (_, a) => a.name || a.id },
          { title: t('agents.state'), sorter: (a, b) => a.state.localeCompare(b.state), render: (_, a) => <StateSwitch agent={a.id} /> },
          {
            title: t('agents.for'),
            className: 'num',
            align: 'right',
            sorter: (a, b) => Date.parse(b.since) - Date.parse(a.since),
            defaultSortOrder: 'descend',
            render: (_, a) => (Date.parse(a.since) > 0 ? <Since at={a.since} /> : '–'),
          },
          { title: t('member.queues'), render: (_, a) => <Membership agent={a} /> },
          { title: t('agents.queueNow'), render: (_, a) => (a.queue ? <QueueName id={a.queue} /> : null) },
          { title: t('agents.device'), className: 'keep', render: (_, a) => t(a.reachable ? 'state.reached.yes' : 'state.reached.no') },
          { title: t('sup.followers'), render: (_, a) => <Followers agent={a} /> },
          { title: t('agents.call'), render: (_, a) => (a.call ? <Link to={`/calls/${a.call}`}>{t('act.details')}</Link> : null) },
        ])}
      />
    </Page>
  );
}
