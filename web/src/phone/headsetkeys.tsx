import { CustomerServiceOutlined, WarningOutlined } from '@ant-design/icons';
import { App, Button, Tag, Tooltip } from 'antd';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useBeside, useCommand, useMine } from '../mine';
import { chosen, type Button as Key, wish } from './headset';
import type { Phone } from './phone';
import type { State, Worn } from './worn';

// useWorn is the headset's state as it changes.
export const useWorn = (worn: Worn): State => useSyncExternalStore(worn.watch, () => worn.state);

// HeadsetChooser connects the buttons of a headset, and says when another program has them. brief: without its word.
export function HeadsetChooser({ worn, brief }: { worn: Worn; brief?: boolean }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const state = useWorn(worn);
  const from = worn.from;
  if (!from) return null;
  const choose = async () => {
    const device = state.is === 'busy' ? state.device : await chosen(from).catch(() => undefined);
    if (device) await worn.take(device);
    else message.info(t('headset.none'));
  };
  if (state.is === 'on') return <Tag icon={<CustomerServiceOutlined />}>{t('headset.on', { name: state.headset.device.productName })}</Tag>;
  return (
    <Tooltip title={state.is === 'busy' ? t('headset.busy') : t('headset.connectHint')}>
      <Button
        type="text"
        danger={state.is === 'busy'}
        icon={state.is === 'busy' ? <WarningOutlined /> : <CustomerServiceOutlined />}
        aria-label={t('headset.connect')}
        onClick={() => void choose()}
      >
        {brief ? null : t('headset.connect')}
      </Button>
    </Tooltip>
  );
}

// useMediaKeys lets the keys of the system's media control mute and hang up, where the headset has no buttons of its own.
function useMediaKeys(phone: Phone, talking: string | undefined) {
  useEffect(() => {
    const session = navigator.mediaSession as MediaSession | undefined;
    if (!session || !talking) return;
    const on = (action: string, f: (() => void) | null) => {
      try {
        session.setActionHandler(action as MediaSessionAction, f);
      } catch {
        // this browser does not know the action
      }
    };
    on('togglemicrophone', () => phone.mute(!phone.muted));
    on('hangup', () => phone.hangUp(talking));
    return () => {
      on('togglemicrophone', null);
      on('hangup', null);
    };
  }, [phone, talking]);
}

// HeadsetKeys lets the buttons of the headset do what they mean, and keeps its lamps in step with the call. brief: without its word.
export function HeadsetKeys({ phone, brief }: { phone: Phone; brief?: boolean }) {
  const mine = useMine();
  const command = useCommand();
  const beside = useBeside(mine.part?.connected ? mine.call?.call : undefined).data;
  const owned = phone.book.owner ? phone.book.calls : [];
  const ringing = owned.find((c) => c.state === 'ringing');
  const talking = owned.find((c) => c.state !== 'ringing');
  const held = beside?.held ?? false;
  const act = (button: Key, on?: boolean) => {
    const wanted = wish(button, on, { ringing: ringing !== undefined && talking === undefined, talking: talking !== undefined });
    if (wanted === 'answer' && ringing) phone.answer(ringing.id);
    if (wanted === 'reject' && ringing) phone.reject(ringing.id);
    if (wanted === 'hangUp' && talking) phone.hangUp(talking.id);
    if (wanted === 'mute') phone.mute(on ?? !phone.muted);
    if (wanted === 'hold' && mine.call) void command(mine.call.call, held ? 'resume' : 'hold');
  };
  const latest = useRef(act);
  latest.current = act;
  const { worn } = phone;
  useEffect(() => worn.hear((button, on) => latest.current(button, on)), [worn]);
  const state = useWorn(worn);
  const lamps = { ring: ringing !== undefined && !talking, offHook: talking !== undefined, mute: phone.muted, hold: held };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the lamps are compared by what they show
  useEffect(() => worn.show(lamps), [worn, state, lamps.ring, lamps.offHook, lamps.mute, lamps.hold]);
  useMediaKeys(phone, talking?.id);
  return <HeadsetChooser worn={worn} brief={brief} />;
}
