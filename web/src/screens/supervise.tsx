import { SoundOutlined, SwapOutlined } from '@ant-design/icons';
import { App, Button, Flex, Popconfirm, Segmented, Tag, Tooltip } from 'antd';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Live } from '../api/client';
import { useAgentName } from '../live';
import { useCommand, type Verb } from '../mine';
import { awaited } from '../phone/awaited';
import { heardOf } from '../phone/ear';
import { wants } from '../phone/engine';
import { usePhone } from '../phone/phone';
import { Pick } from '../phone/pick';
import type { Target } from '../phone/targets';
import { useMe } from '../session';

const modes = ['listen', 'whisper', 'barge'] as const;
type Mode = (typeof modes)[number];

const patience = 15_000; // ms for this tab's telephone to come, and for the call that was asked for to ring

// useJoin asks to listen, and takes the call that comes of it in this tab's telephone without a second click; a desk phone rings as it does.
// A telephone that is on its way, as after a reload, is waited for; whether another one rings is the server's to say. waits is true meanwhile.
function useJoin(listen: () => Promise<unknown>): { join: () => void; waits: boolean } {
  const phone = usePhone();
  const { t } = useTranslation();
  const { message } = App.useApp();
  const asked = useRef(0);
  const [waits, wait] = useState(false);
  const coming = awaited(phone, wants());
  const elsewhere = phone?.elsewhere;
  const ask = useEffectEvent(async () => {
    wait(false);
    asked.current = Date.now();
    if ((await listen()) && elsewhere) message.info(t('sup.elsewhere'));
  });
  useEffect(() => {
    if (!waits) return;
    if (!coming) {
      void ask();
      return;
    }
    const late = setTimeout(() => void ask(), patience);
    return () => clearTimeout(late);
  }, [waits, coming]);
  useEffect(() => {
    const ringing = phone?.book.owner ? phone.book.calls.find((c) => c.state === 'ringing' && heardOf(c.display)) : undefined;
    if (!ringing || Date.now() - asked.current > patience) return;
    asked.current = 0;
    phone?.answer(ringing.id);
  });
  return { join: () => wait(true), waits };
}

// Supervise is a supervisor's one control over a talk: listen, whisper, barge in, take over, leave. Each step is an audit line.
export function Supervise({ call }: { call: Live }) {
  const { t } = useTranslation();
  const me = useMe();
  const command = useCommand();
  const { join, waits } = useJoin(() => command(call.call, 'listen'));
  const now = call.supervisor;
  const who = useAgentName(now?.agent ?? '');
  const talks = call.agents?.some((p) => p.connected && !p.left && p.agent !== me.agent);
  const act = (what: Verb) => void command(call.call, what);
  if (now && now.agent !== me.agent) return <Tag color="purple">{t(`sup.by.${now.mode}`, { who })}</Tag>;
  if (now)
    return (
      <Flex gap={6} align="center" wrap>
        <Segmented
          size="small"
          aria-label={t('sup.listen')}
          value={now.mode as Mode}
          options={modes.map((m) => ({ value: m, label: t(`sup.${m}`) }))}
          onChange={(m) => act(m)}
        />
        <Popconfirm title={t('sup.takeSure')} onConfirm={() => act('take-over')}>
          <Button size="small">{t('sup.take-over')}</Button>
        </Popconfirm>
        <Button size="small" onClick={() => act('leave')}>
          {t('sup.leave')}
        </Button>
      </Flex>
    );
  if (!talks) return null;
  return (
    <Tooltip title={me.agent ? t('sup.rings') : t('sup.noPhone')}>
      <Button size="small" icon={<SoundOutlined />} disabled={!me.agent} loading={waits} onClick={join}>
        {t('sup.listen')}
      </Button>
    </Tooltip>
  );
}

// Move takes a call from where it is: who talks to an agent to another one, a queue or a number, who waits to another queue.
export function Move({ call }: { call: Live }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const command = useCommand();
  const [open, setOpen] = useState(false);
  const agent = call.agents?.findLast((p) => p.connected && !p.left)?.agent;
  const choose = async (to: Target) => {
    if (await command(call.call, 'move', { to: to.to })) message.info(t('sup.moved', { to: to.name }));
  };
  return (
    <>
      <Button size="small" icon={<SwapOutlined />} onClick={() => setOpen(true)}>
        {t('sup.move')}
      </Button>
      <Pick
        title={t('sup.moveTo')}
        me={agent ?? ''}
        open={open}
        close={() => setOpen(false)}
        choose={(x) => void choose(x)}
        queues={!agent}
        hint={agent ? undefined : t('sup.moveHint')}
      />
    </>
  );
}
