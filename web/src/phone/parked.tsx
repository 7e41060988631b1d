import { InboxOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Badge, Button, Flex, Popover } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '../api/client';
import { useAgents } from '../live';
import { useCommand } from '../mine';
import { said } from '../parts/number';
import { clock, useNow } from '../parts/time';
import { shown, useKeys, useShortcut } from './keys';

// Parked is who waits in a slot: any agent may fetch them, and their phone rings then.
export function Parked({ free }: { free: boolean }) {
  const { t } = useTranslation();
  const keys = useKeys();
  const command = useCommand();
  const [open, setOpen] = useState(false);
  const parked = useQuery({
    queryKey: ['live', 'parked'],
    queryFn: () => take(api.GET('/api/v1/calls/parked')),
    refetchInterval: 3_000,
  });
  const all = parked.data ?? [];
  useShortcut('pickUp', free && all.length > 0 ? () => (all.length === 1 ? fetch(all[0]?.call) : setOpen(true)) : undefined);
  const fetch = (call?: string) => {
    setOpen(false);
    if (call) void command(call, 'pick-up');
  };
  if (all.length === 0) return null;
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      title={t('work.parked')}
      content={<Slots all={all} free={free} fetch={fetch} />}
    >
      <Badge count={all.length} size="small">
        <Button icon={<InboxOutlined />} title={shown(keys.pickUp)}>
          {t('work.parked')}
        </Button>
      </Badge>
    </Popover>
  );
}

interface Slot {
  call: string;
  slot: string;
  number: string;
  since: string;
  by: string;
  topic?: string;
}

function Slots({ all, free, fetch }: { all: Slot[]; free: boolean; fetch: (call: string) => void }) {
  const { t } = useTranslation();
  const now = useNow();
  const agents = useAgents().data;
  return (
    <div style={{ minWidth: 320 }}>
      {all.map((p) => (
        <Flex key={p.call} gap={8} align="center" className="line">
          <b className="num">{p.slot}</b>
          <span className="num">{said(t, p.number)}</span>
          <span className="quiet cut" style={{ flex: 1 }}>
            {[p.topic, agents?.find((a) => a.id === p.by)?.name || p.by].filter(Boolean).join(' · ')}
          </span>
          <span className="num quiet">{clock(now - Date.parse(p.since))}</span>
          <Button size="small" type="primary" disabled={!free} onClick={() => fetch(p.call)}>
            {t('work.pickUp')}
          </Button>
        </Flex>
      ))}
    </div>
  );
}
