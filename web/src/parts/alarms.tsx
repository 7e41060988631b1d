import { BellOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Badge, Button, Flex, Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take } from '../api/client';
import type { components } from '../api/schema';
import { useAgentNames } from '../live';
import { stamp } from './time';
import { useTrunkName } from './trunks';

export type Alarm = components['schemas']['AlarmAlarm'];

// useAlarms is what needs somebody now, looked at twice a minute.
export const useAlarms = (enabled: boolean) =>
  useQuery({ queryKey: ['alarms'], queryFn: () => take(api.GET('/api/v1/alarms')), refetchInterval: 30_000, enabled });

// Alarms is a list of what needs somebody, each with what to do.
export function Alarms({ all }: { all: Alarm[] }) {
  const { t } = useTranslation();
  const agentName = useAgentNames();
  const trunkName = useTrunkName();
  if (all.length === 0) return <Badge status="success" text={t('alarm.none')} />;
  return (
    <Flex vertical gap={8}>
      {all.map((a) => (
        <Flex key={a.kind + a.object + a.detail} gap={8} align="baseline">
          <Badge status={a.level === 'bad' ? 'error' : 'warning'} />
          <div>
            {t(`alarm.${a.kind}`, {
              object: a.kind === 'agent-unreachable' ? agentName(a.object) : trunkName(a.object),
              n: a.figure,
              detail: a.detail,
              defaultValue: a.text,
            })}
            {a.detail || a.since ? (
              <div className="quiet">
                {a.detail} {a.since ? stamp(a.since) : ''}
              </div>
            ) : null}
          </div>
        </Flex>
      ))}
    </Flex>
  );
}

// AlarmBell stands in the header: how many things need somebody, red where one of them is bad.
export function AlarmBell() {
  const { t } = useTranslation();
  const all = useAlarms(true).data?.alarms ?? [];
  const bad = all.some((a) => a.level === 'bad');
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t('alarm.title')}
      content={
        <div style={{ maxWidth: 420 }}>
          <Alarms all={all} />
          <Link to="/system">
            <Button type="link" size="small" style={{ padding: 0, marginTop: 8 }}>
              {t('nav.system')}
            </Button>
          </Link>
        </div>
      }
    >
      <Badge count={all.length} size="small" color={bad ? 'red' : 'orange'} offset={[-6, 6]}>
        <Button type="text" icon={<BellOutlined />} aria-label={t('alarm.bell', { n: all.length })} />
      </Badge>
    </Popover>
  );
}
