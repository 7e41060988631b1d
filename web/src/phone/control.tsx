import { PauseOutlined, PlayCircleOutlined, RetweetOutlined, RollbackOutlined, SwapOutlined, TeamOutlined } from '@ant-design/icons';
import { App, Button, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Beside, useCommand, type Verb } from '../mine';
import { shown, useKeys, useShortcut } from './keys';
import { Pick } from './pick';
import type { Target } from './targets';

// Controls are what an agent does with the caller by the server's hand, whatever kind of phone they have.
export function Controls({ call, agent, beside }: { call: string; agent: string; beside?: Beside }) {
  const { t } = useTranslation();
  if (beside?.consults) return <Consulting call={call} consults={beside.consults} held={beside.held} />;
  return (
    <>
      <Hold call={call} held={beside?.held ?? false} />
      <Ask call={call} agent={agent} what="transfer" title={t('work.transferTo')} icon={<SwapOutlined />} />
      <Ask call={call} agent={agent} what="consult" title={t('work.consultTo')} icon={<TeamOutlined />} />
    </>
  );
}

// Consulting is an agent between the caller and whom they consult.
function Consulting({ call, consults, held }: { call: string; consults: NonNullable<Beside['consults']>; held: boolean }) {
  const { t } = useTranslation();
  const keys = useKeys();
  const command = useCommand();
  const act = (what: Verb) => void command(call, what);
  useShortcut('hold', consults.answered ? () => act('swap') : undefined);
  useShortcut('transfer', () => act('complete'));
  return (
    <>
      <Tag color="purple">{t(consults.answered ? 'work.consulting' : 'work.consultRings', { to: consults.to })}</Tag>
      {consults.answered ? (
        <Button icon={<RetweetOutlined />} title={shown(keys.hold)} onClick={() => act('swap')}>
          {held ? t('work.toCaller') : t('work.toConsulted')}
        </Button>
      ) : null}
      <Button type="primary" icon={<SwapOutlined />} title={shown(keys.transfer)} onClick={() => act('complete')}>
        {t('work.complete')}
      </Button>
      <Button icon={<RollbackOutlined />} onClick={() => act('cancel')}>
        {t('work.cancelConsult')}
      </Button>
    </>
  );
}

function Hold({ call, held }: { call: string; held: boolean }) {
  const { t } = useTranslation();
  const keys = useKeys();
  const command = useCommand();
  const [busy, setBusy] = useState(false);
  const toggle = async () => {
    setBusy(true);
    await command(call, held ? 'resume' : 'hold');
    setBusy(false);
  };
  useShortcut('hold', busy ? undefined : () => void toggle());
  return (
    <Button
      type={held ? 'primary' : 'default'}
      loading={busy}
      icon={held ? <PlayCircleOutlined /> : <PauseOutlined />}
      aria-pressed={held}
      title={shown(keys.hold)}
      onClick={() => void toggle()}
    >
      {held ? t('work.resume') : t('work.hold')}
    </Button>
  );
}

interface Asking {
  call: string;
  agent: string;
  what: 'transfer' | 'consult';
  title: string;
  icon: React.ReactNode;
}

// Ask asks to whom, and then asks the call to do it.
function Ask({ call, agent, what, title, icon }: Asking) {
  const { t } = useTranslation();
  const keys = useKeys();
  const command = useCommand();
  const { message } = App.useApp();
  const [open, setOpen] = useState(false);
  useShortcut(what, () => setOpen(true));
  const choose = async (target: Target) => {
    const done = await command(call, what, { to: target.to });
    if (done && what === 'transfer') message.info(t('work.asked', { to: target.name }));
  };
  return (
    <>
      <Button icon={icon} title={shown(keys[what])} onClick={() => setOpen(true)}>
        {t(`work.${what}`)}
      </Button>
      <Pick title={title} me={agent} open={open} close={() => setOpen(false)} choose={(x) => void choose(x)} />
    </>
  );
}

// Marks say what the caller and the law should know: the hold, and that the talk is recorded.
export function Marks({ beside }: { beside?: Beside }) {
  const { t } = useTranslation();
  return (
    <>
      {beside?.held && !beside.consults ? <Tag color="orange">{t('work.held')}</Tag> : null}
      {beside?.recording ? (
        <span>
          <span className="live-dot" aria-hidden="true">
            ●
          </span>{' '}
          {t('work.recording')}
        </span>
      ) : null}
    </>
  );
}
