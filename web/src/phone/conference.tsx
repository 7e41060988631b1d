import { AudioMutedOutlined, AudioOutlined, TeamOutlined, UserDeleteOutlined } from '@ant-design/icons';
import { Button, Flex, Popover, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import type { CallRecord, Member } from '../api/client';
import { useAgents } from '../live';
import { useCommand } from '../mine';
import { said } from '../parts/number';
import { clock, useNow } from '../parts/time';
import { shown, useKeys, useShortcut } from './keys';

// meets is true while more than two take part in a call, or somebody is rung: to come in, or to have the caller transferred to them.
export const meets = (call: CallRecord) => {
  const all = call.members ?? [];
  return all.filter((m) => m.state === 'talking').length > 2 || all.some((m) => m.state === 'ringing');
};

// useMemberName is what people call who takes part.
function useMemberName(agent: string): (m: Member) => string {
  const { t } = useTranslation();
  const agents = useAgents().data;
  return (m) => {
    if (m.agent === agent) return t('work.myself');
    return agents?.find((a) => a.id === m.agent || (a.phone && a.phone === m.number))?.name || m.agent || said(t, m.number);
  };
}

// Conference is who takes part in a conference, with what one may do to each of them.
export function Conference({ call, agent }: { call: CallRecord; agent: string }) {
  const { t } = useTranslation();
  const keys = useKeys();
  const command = useCommand();
  const name = useMemberName(agent);
  const all = call.members ?? [];
  const rung = all.filter((m) => m.state === 'ringing');
  const callOff = rung.length > 0 ? () => void command(call.call, 'cancel') : undefined;
  useShortcut('cancel', callOff);
  return (
    <>
      {all.length - rung.length > 2 ? (
        <Popover trigger="click" placement="bottom" content={<Members call={call} agent={agent} />} title={t('work.members')}>
          <Button icon={<TeamOutlined />}>{t('work.conference', { n: all.length - rung.length })}</Button>
        </Popover>
      ) : null}
      {rung.length > 0 ? (
        <>
          <Tag color="purple">{t('work.inviting', { to: rung.map(name).join(' · ') })}</Tag>
          <Button title={shown(keys.cancel)} onClick={callOff}>
            {t('work.callOff')}
          </Button>
        </>
      ) : null}
    </>
  );
}

function Members({ call, agent }: { call: CallRecord; agent: string }) {
  const { t } = useTranslation();
  const now = useNow();
  const command = useCommand();
  const name = useMemberName(agent);
  const front = call.members?.[0]?.leg; // removing the caller would end the call for all
  return (
    <div style={{ minWidth: 300 }}>
      {call.members?.map((m) => (
        <Flex key={m.leg} gap={8} align="center" className="line">
          <span className="num cut" style={{ flex: 1 }}>
            {name(m)} {m.holds ? <Tag>{t('work.held')}</Tag> : null}
          </span>
          <span className="quiet num">{m.state === 'ringing' ? t('phone.ringing') : clock(now - Date.parse(m.since))}</span>
          {m.agent === agent ? null : (
            <>
              <Button
                size="small"
                danger={m.muted}
                disabled={m.state !== 'talking'}
                icon={m.muted ? <AudioMutedOutlined /> : <AudioOutlined />}
                aria-pressed={m.muted ?? false}
                aria-label={`${t(m.muted ? 'work.unmuteOne' : 'work.muteOne')} ${name(m)}`}
                title={t(m.muted ? 'work.unmuteOne' : 'work.muteOne')}
                onClick={() => void command(call.call, m.muted ? 'unmute' : 'mute', { leg: m.leg })}
              />
              <Button
                size="small"
                disabled={m.leg === front}
                icon={<UserDeleteOutlined />}
                aria-label={`${t('work.remove')} ${name(m)}`}
                title={t('work.remove')}
                onClick={() => void command(call.call, 'remove', { leg: m.leg })}
              />
            </>
          )}
        </Flex>
      ))}
    </div>
  );
}
