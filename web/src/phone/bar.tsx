import { CustomerServiceOutlined, PhoneOutlined } from '@ant-design/icons';
import { Alert, Button, Flex, Input, Modal, Switch, Tag } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Live } from '../api/client';
import { useAgentName, useAgents, useLiveCalls, useQueueName } from '../live';
import { type Mine, useBeside, useMine } from '../mine';
import { said } from '../parts/number';
import { regionOf } from '../parts/region';
import { clock, useNow } from '../parts/time';
import { useMe } from '../session';
import { Controls, Marks, MuteButton } from './control';
import { heardOf, listenerTo } from './ear';
import { HeadsetKeys } from './headsetkeys';
import { Keypad } from './keypad';
import { shown, useKeys, useShortcut } from './keys';
import { quiet, setQuiet } from './noise';
import { Parked } from './parked';
import { current, type Phone, usePhone } from './phone';
import type { Call } from './protocol';
import { dialled } from './targets';

function Ringing({ phone, call }: { phone: Phone; call: Call }) {
  const { t } = useTranslation();
  const keys = useKeys();
  useShortcut('answer', () => phone.answer(call.id));
  useShortcut('hangUp', () => phone.reject(call.id));
  return (
    <>
      <Button
        type="primary"
        size="large"
        icon={<PhoneOutlined />}
        style={{ background: '#15803d' }}
        onClick={() => phone.answer(call.id)}
        title={shown(keys.answer)}
      >
        {t('phone.answer')}
      </Button>
      <Button size="large" danger onClick={() => phone.reject(call.id)} title={shown(keys.hangUp)}>
        {t('phone.reject')}
      </Button>
    </>
  );
}

// Ear is what a supervisor does by a call of their telephone.
interface Ear {
  of: string; // the agent
  call?: Live; // what is heard now
  mode: 'listen' | 'whisper' | 'barge' | 'waiting' | 'behind'; // waiting: they follow an agent who does not talk; behind: to whom another supervisor listens
  follows: boolean; // from call to call
}

// useEar is undefined for a call that is a supervisor's own, as one that they took over.
function useEar(call: Call | undefined, own: boolean): Ear | undefined {
  const { agent: me } = useMe();
  const live = useLiveCalls().data;
  const agents = useAgents().data;
  const of = heardOf(call?.display);
  if (of === undefined || own) return undefined;
  const heard = live?.find((c) => c.supervisor?.agent === me);
  const follower = agents?.find((a) => a.id === of)?.followers?.find((f) => f.agent === me);
  const silent = listenerTo(of, live) ? 'behind' : 'waiting';
  return { of, call: heard, mode: heard?.supervisor?.mode ?? (follower ? silent : 'listen'), follows: follower !== undefined };
}

// Mute is the microphone of this tab.
function Mute({ phone }: { phone: Phone }) {
  const { t } = useTranslation();
  const keys = useKeys();
  const toggle = () => phone.mute(!phone.muted);
  useShortcut('mute', toggle);
  return <MuteButton muted={phone.muted} title={shown(keys.mute)} toggle={toggle} words={[t('phone.mute'), t('phone.muted')]} />;
}

// Listening is a call by which a supervisor listens: they hang up on nobody. Whom they follow is left by the strip that says so.
function Listening({ phone, call, ear }: { phone: Phone; call: Call; ear: Ear }) {
  const { t } = useTranslation();
  const keys = useKeys();
  const leave = () => phone.hangUp(call.id);
  useShortcut('hangUp', leave);
  return (
    <>
      {ear.mode === 'whisper' || ear.mode === 'barge' ? <Mute phone={phone} /> : null}
      {ear.follows ? null : (
        <Button onClick={leave} title={shown(keys.hangUp)}>
          {t('sup.leave')}
        </Button>
      )}
    </>
  );
}

function Talking({ phone, call, children }: { phone: Phone; call: Call; children?: React.ReactNode }) {
  const { t } = useTranslation();
  const keys = useKeys();
  useShortcut('hangUp', () => phone.hangUp(call.id));
  return (
    <>
      <Mute phone={phone} />
      {children}
      <Keypad press={(k) => phone.digit(call.id, k)} />
      <Button danger type="primary" icon={<PhoneOutlined rotate={225} />} onClick={() => phone.hangUp(call.id)} title={shown(keys.hangUp)}>
        {t('act.hangUp')}
      </Button>
    </>
  );
}

// Countdown is how long the phone rings yet.
function Countdown({ until, now }: { until?: string; now: number }) {
  const { t } = useTranslation();
  if (!until) return null;
  const left = Math.max(0, Math.round((Date.parse(until) - now) / 1000));
  return <span className="num">{t('work.rings', { t: left })}</span>;
}

// Active is the call of now: of the telephone in this tab, or by the agent's desk phone.
function Active({ phone, call, mine }: { phone: Phone; call?: Call; mine: Mine }) {
  const { t } = useTranslation();
  const now = useNow();
  const { part, agent } = mine;
  const queueName = useQueueName();
  const record = mine.call;
  const beside = useBeside(record?.call).data;
  const consulted = record?.members?.some((m) => m.agent === agent && m.state === 'consulted');
  const state = call?.state ?? (part?.connected || consulted ? 'talking' : 'ringing');
  const since = call?.since ?? part?.connected ?? part?.offered ?? '';
  const other = record?.by === agent ? record?.called : record?.caller; // of a call that the agent made, whom they called
  const ear = useEar(call, part?.connected !== undefined);
  const heard = useAgentName(ear?.of ?? '');
  const number = heardOf(call?.display) === undefined ? call?.number : ''; // of one that was taken over it is still the agent's
  const who = ear ? heard : said(t, number || other?.e164 || other?.raw);
  const what = ear && state === 'talking' ? t(`sup.now.${ear.mode}`) : t(`phone.${state}`);
  const controls = record && part?.connected ? <Controls record={record} agent={agent} beside={beside} desk={!call} /> : null;
  return (
    <Flex gap={8} align="center" wrap>
      <Tag color={state === 'talking' ? 'blue' : 'orange'}>
        <span role="status" aria-live="assertive">
          {ear && state === 'ringing' ? `${t('sup.listen')} · ${what}` : what}
        </span>{' '}
        <span className="num">{clock(now - Date.parse(since))}</span>
      </Tag>
      <span className="num who">{who}</span>
      <span className="quiet where">
        {[
          ear?.call && said(t, ear.call.caller.e164 || ear.call.caller.raw),
          regionOf((record ?? ear?.call)?.region),
          queueName(part?.queue),
        ]
          .filter(Boolean)
          .join(' · ')}
      </span>
      {state === 'ringing' ? <Countdown until={mine.self?.ringUntil} now={now} /> : null}
      <Marks beside={beside} />
      {call?.media === 'connecting' ? <span className="quiet">{t('phone.connecting')}</span> : null}
      {call && phone.book.owner && state === 'ringing' ? <Ringing phone={phone} call={call} /> : null}
      {call && ear && phone.book.owner && state !== 'ringing' ? <Listening phone={phone} call={call} ear={ear} /> : null}
      {call && !ear && phone.book.owner && state !== 'ringing' ? (
        <Talking phone={phone} call={call}>
          {controls}
        </Talking>
      ) : (
        controls
      )}
    </Flex>
  );
}

function Dialler({ phone }: { phone: Phone }) {
  const { t } = useTranslation();
  const [to, setTo] = useState('');
  const number = dialled(to);
  return (
    <Input.Search
      style={{ width: 240 }}
      value={to}
      maxLength={40}
      status={to && !number ? 'warning' : undefined}
      placeholder={t('phone.dialHint')}
      aria-label={t('phone.dial')}
      enterButton={t('phone.dial')}
      onChange={(e) => setTo(e.target.value)}
      onSearch={() => number && void phone.dial({ to: number }).then(() => setTo(''))}
    />
  );
}

// PhoneBar is the agent's telephone over every page: connect it, take calls, control them, dial.
export function PhoneBar() {
  const { t } = useTranslation();
  const phone = usePhone();
  const mine = useMine();
  const call = phone ? current(phone.book) : undefined;
  const closed = mine.call?.members?.some((m) => m.agent === mine.agent && m.muted);
  useMuteInTitle((phone?.muted && call !== undefined) || (!call && closed) || false);
  if (!phone) return null;
  return (
    <div className="tile callbar">
      <Flex gap={12} align="center" justify="space-between" wrap>
        {call || mine.call ? <Active phone={phone} call={call} mine={mine} /> : <Idle phone={phone} />}
        <Flex gap={12} align="center">
          <Parked free={!call && !mine.call} />
          <Connection phone={phone} brief={call !== undefined || mine.call !== undefined} />
        </Flex>
      </Flex>
      {phone.trouble ? <Alert type="warning" showIcon style={{ marginTop: 8 }} title={`${t('phone.trouble')} ${phone.trouble}`} /> : null}
      {phone.on && phone.noisy ? <Alert type="warning" showIcon style={{ marginTop: 8 }} title={t('phone.noisy')} /> : null}
    </div>
  );
}

function Idle({ phone }: { phone: Phone }) {
  const { t } = useTranslation();
  if (phone.on) return phone.book.owner ? <Dialler phone={phone} /> : <span />;
  return <span className="quiet">{t('phone.startHint')}</span>;
}

// Connection is how the telephone is connected; brief: only what matters in a call.
function Connection({ phone, brief }: { phone: Phone; brief: boolean }) {
  const { t } = useTranslation();
  if (!phone.on)
    return (
      <Flex gap={8} align="center">
        {brief ? null : (
          <>
            <Switch size="small" defaultChecked={quiet()} onChange={setQuiet} aria-label={t('phone.noise')} />
            <span>{t('phone.noise')}</span>
          </>
        )}
        <Button type={brief ? 'default' : 'primary'} icon={<CustomerServiceOutlined />} onClick={() => void phone.start()}>
          {t('phone.start')}
        </Button>
      </Flex>
    );
  return (
    <Flex gap={8} align="center">
      <HeadsetKeys phone={phone} brief={brief} />
      {brief && phone.up ? null : <Reached phone={phone} />}
      {phone.up && phone.elsewhere ? <Elsewhere phone={phone} /> : null}
      {brief ? null : (
        <Button type="text" onClick={phone.stop}>
          {t('phone.stop')}
        </Button>
      )}
    </Flex>
  );
}

// Reached is whether calls can come: with the line to the server alone nobody is heard.
function Reached({ phone }: { phone: Phone }) {
  const { t } = useTranslation();
  if (!phone.up) return <Tag color="red">{t('phone.down')}</Tag>;
  if (phone.book.owner && !phone.book.reach) return <Tag color="orange">{t('phone.connecting')}</Tag>;
  return <Tag color="green">{t('phone.up')}</Tag>;
}

// Elsewhere says where the sound is when it is not here, and brings it; on a second computer it asks.
function Elsewhere({ phone }: { phone: Phone }) {
  const { t } = useTranslation();
  return (
    <>
      <span className="quiet">{t(phone.elsewhere === 'tab' ? 'phone.inTab' : 'phone.onComputer', { device: phone.book.device })}</span>
      <Button type="primary" onClick={phone.take}>
        {t('phone.take')}
      </Button>
      <Modal
        open={phone.asked}
        title={t('phone.askTake')}
        okText={t('phone.takeYes')}
        cancelText={t('phone.takeNo')}
        onOk={phone.take}
        onCancel={phone.leaveIt}
      >
        {t('phone.askTakeHint', { device: phone.book.device })}
      </Modal>
    </>
  );
}

// useMuteInTitle shows in the tab's name that nobody hears the agent: the third way beside colour and word.
function useMuteInTitle(muted: boolean) {
  const { t } = useTranslation();
  useEffect(() => {
    if (!muted) return;
    const title = document.title;
    document.title = `🔇 ${t('phone.muted')} · ${title}`;
    return () => {
      document.title = title;
    };
  }, [muted, t]);
}
