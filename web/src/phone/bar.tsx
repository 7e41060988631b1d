import { AudioMutedOutlined, AudioOutlined, CustomerServiceOutlined, NumberOutlined, PhoneOutlined } from '@ant-design/icons';
import { Alert, Button, Flex, Input, Popover, Switch, Tag } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clock, useNow } from '../parts/time';
import { current, type Phone, usePhone } from './phone';
import type { Call } from './protocol';
import { quiet, setQuiet } from './sound';

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

function Keypad({ press }: { press: (key: string) => void }) {
  const { t } = useTranslation();
  const pad = (
    <div style={{ display: 'grid', gridTemplateColumns: 'repeat(3, 44px)', gap: 6 }}>
      {keys.map((k) => (
        <Button key={k} size="large" onClick={() => press(k)}>
          {k}
        </Button>
      ))}
    </div>
  );
  return (
    <Popover content={pad} trigger="click">
      <Button icon={<NumberOutlined />}>{t('phone.keypad')}</Button>
    </Popover>
  );
}

// useShortcuts are the keys of a call; they work everywhere in the page.
function useShortcuts(phone: Phone, call?: Call) {
  useEffect(() => {
    if (!call) return;
    const pressed = (e: KeyboardEvent) => {
      if (!e.ctrlKey || !e.altKey) return;
      if (e.code === 'KeyA' && call.state === 'ringing') phone.answer(call.id);
      else if (e.code === 'KeyH') call.state === 'ringing' ? phone.reject(call.id) : phone.hangUp(call.id);
      else if (e.code === 'KeyM') phone.mute(!phone.muted);
      else return;
      e.preventDefault();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [phone, call]);
}

function Ringing({ phone, call }: { phone: Phone; call: Call }) {
  const { t } = useTranslation();
  return (
    <>
      <Button
        type="primary"
        size="large"
        icon={<PhoneOutlined />}
        style={{ background: '#1f9d55' }}
        onClick={() => phone.answer(call.id)}
        title="Ctrl+Alt+A"
      >
        {t('phone.answer')}
      </Button>
      <Button size="large" danger onClick={() => phone.reject(call.id)} title="Ctrl+Alt+H">
        {t('phone.reject')}
      </Button>
    </>
  );
}

function Talking({ phone, call }: { phone: Phone; call: Call }) {
  const { t } = useTranslation();
  return (
    <>
      <Button
        danger={phone.muted}
        type={phone.muted ? 'primary' : 'default'}
        icon={phone.muted ? <AudioMutedOutlined /> : <AudioOutlined />}
        aria-pressed={phone.muted}
        onClick={() => phone.mute(!phone.muted)}
        title="Ctrl+Alt+M"
      >
        {phone.muted ? t('phone.muted') : t('phone.mute')}
      </Button>
      <Keypad press={(k) => phone.digit(call.id, k)} />
      <Button danger type="primary" icon={<PhoneOutlined rotate={225} />} onClick={() => phone.hangUp(call.id)} title="Ctrl+Alt+H">
        {t('act.hangUp')}
      </Button>
    </>
  );
}

function Active({ phone, call }: { phone: Phone; call: Call }) {
  const { t } = useTranslation();
  const now = useNow();
  return (
    <Flex gap={8} align="center" wrap>
      <Tag color={call.state === 'talking' ? 'blue' : 'orange'}>
        <span role="status" aria-live="assertive">
          {t(`phone.${call.state}`)}
        </span>{' '}
        <span className="num">{clock(now - Date.parse(call.since))}</span>
      </Tag>
      <b className="num" style={{ fontSize: 16 }}>
        {call.number || t('common.unknown')}
      </b>
      {call.media === 'connecting' ? <span className="quiet">{t('phone.connecting')}</span> : null}
      {phone.book.owner ? call.state === 'ringing' ? <Ringing phone={phone} call={call} /> : <Talking phone={phone} call={call} /> : null}
    </Flex>
  );
}

function Dialler({ phone }: { phone: Phone }) {
  const { t } = useTranslation();
  const [to, setTo] = useState('');
  const clean = to.replace(/[^0-9A-Za-z*#+]/g, '');
  return (
    <Input.Search
      style={{ width: 220 }}
      value={to}
      maxLength={40}
      placeholder={t('phone.dialHint')}
      aria-label={t('phone.dial')}
      enterButton={t('phone.dial')}
      onChange={(e) => setTo(e.target.value)}
      onSearch={() => clean && void phone.dial(clean).then(() => setTo(''))}
    />
  );
}

// PhoneBar is the telephone of the tab over the desk: connect it, take calls, dial.
export function PhoneBar() {
  const { t } = useTranslation();
  const phone = usePhone();
  const call = phone ? current(phone.book) : undefined;
  useMuteInTitle(phone?.muted ?? false);
  if (!phone) return null;
  return (
    <div className="tile" style={{ margin: '12px 16px 0' }}>
      <Bar phone={phone} call={call} />
      {phone.trouble ? <Alert type="warning" showIcon style={{ marginTop: 8 }} title={`${t('phone.trouble')} ${phone.trouble}`} /> : null}
    </div>
  );
}

function Bar({ phone, call }: { phone: Phone; call?: Call }) {
  const { t } = useTranslation();
  useShortcuts(phone, call);
  if (!phone.on)
    return (
      <Flex gap={12} align="center">
        <Button type="primary" icon={<CustomerServiceOutlined />} onClick={() => void phone.start()}>
          {t('phone.start')}
        </Button>
        <span className="quiet">{t('phone.startHint')}</span>
        <span style={{ flex: 1 }} />
        <Switch defaultChecked={quiet()} onChange={setQuiet} aria-label={t('phone.noise')} />
        <span>{t('phone.noise')}</span>
      </Flex>
    );
  return (
    <Flex gap={12} align="center" justify="space-between" wrap>
      {call ? <Active phone={phone} call={call} /> : phone.book.owner ? <Dialler phone={phone} /> : <span />}
      <Flex gap={8} align="center">
        <Tag color={phone.up ? 'green' : 'red'}>{phone.up ? t('phone.up') : t('phone.down')}</Tag>
        {phone.up && !phone.book.owner ? (
          <Button onClick={phone.take} title={phone.book.device}>
            {t('phone.take')}
          </Button>
        ) : null}
        <Button type="text" onClick={phone.stop}>
          {t('phone.stop')}
        </Button>
      </Flex>
    </Flex>
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
