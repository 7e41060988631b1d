import { Table } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useAgents } from '../live';
import { Nothing } from '../parts/ask';
import { Page } from '../parts/page';
import { clock, useNow } from '../parts/time';
import { Membership } from './membership';
import { WriteButton } from './messages';
import { StateSwitch } from './stateswitch';

// Agents is every agent with a state, since when, and a way to force another.
export default function Agents() {
  const { t } = useTranslation();
  const now = useNow();
  const agents = useAgents();
  const byName = (a: { name: string; id: string }, b: { name: string; id: string }) => (a.name || a.id).localeCompare(b.name || b.id);
  return (
    <Page title={t('agents.title')} extra={<WriteButton />}>
      <Table
        size="small"
        rowKey="id"
        loading={agents.isPending}
        dataSource={agents.data}
        pagination={{ pageSize: 50, hideOnSinglePage: true }}
        locale={{ emptyText: <Nothing text={t('agents.none')} /> }}
        columns={[
          { title: t('agents.name'), sorter: byName, render: (_, a) => a.name || a.id },
          { title: t('agents.state'), sorter: (a, b) => a.state.localeCompare(b.state), render: (_, a) => <StateSwitch agent={a.id} /> },
          {
            title: t('agents.for'),
            className: 'num',
            align: 'right',
            sorter: (a, b) => Date.parse(b.since) - Date.parse(a.since),
            defaultSortOrder: 'descend',
            render: (_, a) => (Date.parse(a.since) > 0 ? clock(now - Date.parse(a.since)) : '–'),
          },
          { title: t('member.queues'), render: (_, a) => <Membership agent={a} /> },
          { title: t('agents.queue'), dataIndex: 'queue' },
          { title: t('agents.device'), render: (_, a) => (a.reachable ? t('network.up') : t('state.unreachable')) },
          { title: t('agents.call'), render: (_, a) => (a.call ? <Link to={`/calls/${a.call}`}>{t('act.details')}</Link> : null) },
        ]}
      />
    </Page>
  );
}
