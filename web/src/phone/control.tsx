import {
  AudioMutedOutlined,
  AudioOutlined,
  InboxOutlined,
  MergeCellsOutlined,
  PauseOutlined,
  PlayCircleOutlined,
  RetweetOutlined,
  RollbackOutlined,
  StarOutlined,
  SwapOutlined,
  TeamOutlined,
  UsergroupAddOutlined,
} from '@ant-design/icons';
import { App, Button, Tag } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallRecord } from '../api/client';
import { useAgents, useQueueName } from '../live';
import { type Beside, useCommand, type Verb } from '../mine';
import { Conference, meets } from './conference';
import { shown, tip, useKeys, useShortcut } from './keys';
import { Pick } from './pick';
import type { Target } from './targets';

interface Props {
  record: CallRecord;
  agent: string;
  beside?: Beside;
  desk?: boolean; // no telephone of this tab has the call: the microphone is the server's to close
}

// Controls are what an agent does with the caller by the server's hand, whatever kind of phone they have.
export function Controls({ record, agent, beside, desk }: Props) {
  const { t } = useTranslation();
  const call = record.call;
  const mute = desk ? <Mute record={record} agent={agent} /> : null;
  if (beside?.consults)
    return (
      <>
        {mute}
        <Consulting call={call} consults={beside.consults} held={beside.held} />
      </>
    );
  const together = meets(record);
  return (
    <>
      {mute}
      <Hold call={call} held={beside?.held ?? false} />
      {together ? (
        <Conference call={record} agent={agent} />
      ) : (
        <>
          <Ask call={call} agent={agent} what="transfer" title={t('work.transferTo')} icon={<SwapOutlined />} />
          <Ask call={call} agent={agent} what="consult" title={t('work.consultTo')} icon={<TeamOutlined />} />
        </>
      )}
      <Ask call={call} agent={agent} what="add" title={t('work.addTo')} icon={<UsergroupAddOutlined />} />
      {together ? null : <Leave call={call} />}
    </>
  );
}

// Leave are the ways to be done with the caller who is not hung up: left in a slot, or asked how it was.
function Leave({ call }: { call: string }) {
  const { t } = useTranslation();
  const keys = useKeys();
  const command = useCommand();
  const { modal } = App.useApp();
  const park = () => void command(call, 'park');
  const survey = () => void modal.confirm({ title: t('work.surveySure'), onOk: () => command(call, 'survey') });
  useShortcut('park', park);
  useShortcut('survey', survey);
  return (
    <>
      <Button className="spare" icon={<InboxOutlined />} title={tip(t('work.park'), keys.park)} onClick={park}>
        {t('work.park')}
      </Button>
      <Button className="spare" icon={<StarOutlined />} title={tip(t('work.survey'), keys.survey)} onClick={survey}>
        {t('work.survey')}
      </Button>
    </>
  );
}

// Mute closes the microphone of an agent's desk phone in the switch.
function Mute({ record, agent }: { record: CallRecord; agent: string }) {
  const { t } = useTranslation();
  const keys = useKeys();
  const command = useCommand();
  const muted = record.members?.find((m) => m.agent === agent)?.muted ?? false;
  const toggle = () => void command(record.call, muted ? 'unmute' : 'mute');
  useShortcut('mute', toggle);
  return <MuteButton muted={muted} title={shown(keys.mute)} toggle={toggle} words={[t('phone.mute'), t('phone.muted')]} />;
}

// MuteButton shows by colour, sign and word whether anybody hears the agent; the tab's name says it too.
export function MuteButton({
  muted,
  title,
  toggle,
  words,
}: {
  muted: boolean;
  title: string;
  toggle: () => void;
  words: [string, string];
}) {
  return (
    <Button
      danger={muted}
      type={muted ? 'primary' : 'default'}
      icon={muted ? <AudioMutedOutlined /> : <AudioOutlined />}
      aria-pressed={muted}
      onClick={toggle}
      title={title}
    >
      {words[muted ? 1 : 0]}
    </Button>
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
  useShortcut('cancel', () => act('cancel'));
  useShortcut('merge', consults.answered ? () => act('merge') : undefined);
  const name = useTargetName();
  return (
    <>
      <Tag color="purple">{t(consults.answered ? 'work.consulting' : 'work.consultRings', { to: name(consults.to) })}</Tag>
      {consults.answered ? (
        <Button icon={<RetweetOutlined />} title={shown(keys.hold)} onClick={() => act('swap')}>
          {held ? t('work.toCaller') : t('work.toConsulted')}
        </Button>
      ) : null}
      <Button type="primary" icon={<SwapOutlined />} title={shown(keys.transfer)} onClick={() => act('complete')}>
        {t('work.complete')}
      </Button>
      {consults.answered ? (
        <Button icon={<MergeCellsOutlined />} title={shown(keys.merge)} onClick={() => act('merge')}>
          {t('work.merge')}
        </Button>
      ) : null}
      <Button icon={<RollbackOutlined />} title={shown(keys.cancel)} onClick={() => act('cancel')}>
        {t('work.cancelConsult')}
      </Button>
    </>
  );
}

// useTargetName is what people call whom a call was taken to, as it was asked for.
function useTargetName(): (to: string) => string {
  const agents = useAgents().data;
  const queueName = useQueueName();
  return (to) => {
    const [kind, id] = to.split(':');
    if (kind === 'queue') return queueName(id);
    return agents?.find((a) => (kind === 'agent' ? a.id === id : a.phone === to))?.name || to;
  };
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
  what: 'transfer' | 'consult' | 'add';
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
      <Button
        className={what === 'add' ? 'spare' : undefined}
        icon={icon}
        title={tip(t(`work.${what}`), keys[what])}
        onClick={() => setOpen(true)}
      >
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
