import { DownOutlined } from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Dropdown, Input, type MenuProps, Modal, Space, Tag } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Agent, type AgentState, api } from '../api/client';
import { useAgent } from '../live';
import { breaks, StateTag, useReason } from '../parts/state';
import { awaited } from '../phone/awaited';
import { wants } from '../phone/engine';
import { shown, useKeys, useShortcut } from '../phone/keys';
import { usePhone } from '../phone/phone';

type Settable = 'ready' | 'not-ready' | 'offline';

// useSetState sets an agent's state, says what went wrong, and shows the new state at once.
function useSetState(agent: string) {
  const { message } = App.useApp();
  const client = useQueryClient();
  return useCallback(
    async (state: Settable, reason = '') => {
      try {
        await api.PUT('/api/v1/agents/{id}/state', { params: { path: { id: agent } }, body: { state, reason } });
        await client.invalidateQueries({ queryKey: ['live'] });
      } catch (err) {
        message.error((err as Error).message);
      }
    },
    [agent, client, message],
  );
}

// StateSwitch shows an agent's state and changes it; with keys it is one's own: it listens for their shortcuts, and says where no phone is there.
export function StateSwitch({ agent, keys }: { agent: string; keys?: boolean }) {
  const { t } = useTranslation();
  const set = useSetState(agent);
  const [asking, ask] = useState(false);
  const me = useAgent(agent);
  const word = useReason();
  const known = useKeys();
  useShortcut('ready', keys ? () => void set('ready') : undefined);
  useShortcut('break', keys ? () => void set('not-ready', 'break') : undefined);
  if (!me) return null;
  const items: MenuProps['items'] = [
    { key: 'ready', label: t('state.ready'), extra: keys ? shown(known.ready) : undefined },
    { type: 'divider' },
    ...breaks.map((b) => ({ key: b, label: t(`state.${b}`), extra: keys && b === 'break' ? shown(known.break) : undefined })),
    { key: 'other', label: `${t('state.other')}…` },
    { type: 'divider' },
    { key: 'offline', label: t('state.signOut') },
  ];
  const choose = (key: string) => {
    if (key === 'ready' || key === 'offline') void set(key);
    else if (key === 'other') ask(true);
    else void set('not-ready', key);
  };
  return (
    <Space>
      <Dropdown menu={{ items, onClick: (e) => choose(e.key), style: { minWidth: 160 } }} trigger={['click']}>
        <Button title={t('state.set')}>
          <span aria-live="polite">{keys ? <OwnTag agent={me} /> : <StateTag agent={me} />}</span>
          <DownOutlined />
        </Button>
      </Dropdown>
      {me.next && me.next !== me.state ? (
        <span className="quiet">
          → {t('work.nextState', { state: [t(`state.${me.next as AgentState}`), word(me.nextReason)].filter(Boolean).join(' · ') })}
        </span>
      ) : null}
      {keys && !me.reachable ? <Unreached /> : null}
      {asking ? <Reason close={() => ask(false)} say={(reason) => set('not-ready', reason)} /> : null}
    </Space>
  );
}

const patience = 10_000; // ms that a telephone which is on its way is not called away

// useComing is whether one's own telephone is on its way, as just after a page is loaded: until then nobody knows that it is not there.
function useComing(): boolean {
  const phone = usePhone();
  const coming = awaited(phone, wants());
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!coming) return;
    const timer = setTimeout(() => setLate(true), patience);
    return () => clearTimeout(timer);
  }, [coming]);
  return coming && !late;
}

function OwnTag({ agent }: { agent: Agent }) {
  const { t } = useTranslation();
  const coming = useComing();
  return coming && agent.state === 'offline' && agent.next !== 'offline' ? <Tag>{t('phone.connecting')}</Tag> : <StateTag agent={agent} />;
}

function Unreached() {
  const { t } = useTranslation();
  return useComing() ? null : <span className="quiet">⚠ {t('state.unreachable')}</span>;
}

function Reason({ close, say }: { close: () => void; say: (reason: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const done = () => {
    say(text.trim());
    setText('');
    close();
  };
  return (
    <Modal open title={t('state.reason')} onCancel={close} onOk={done} okButtonProps={{ disabled: text.trim() === '' }} destroyOnHidden>
      <Input autoFocus value={text} maxLength={100} onChange={(e) => setText(e.target.value)} onPressEnter={() => text.trim() && done()} />
    </Modal>
  );
}
