import { CustomerServiceOutlined, WarningOutlined } from '@ant-design/icons';
import { App, Button, Tag, Tooltip } from 'antd';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useBeside, useCommand, useMine } from '../mine';
import { chosen, type Device, Headset, hid, type Button as Key, known, wish } from './headset';
import type { Phone } from './phone';

type State = { is: 'none' } | { is: 'busy'; device: Device } | { is: 'on'; headset: Headset };

// useWorn is the headset whose buttons are ours: the one chosen before as soon as it is plugged in, or another by choose.
function useWorn(pressed: (button: Key, on?: boolean) => void) {
  const [state, set] = useState<State>({ is: 'none' });
  const current = useRef<Headset>(undefined);
  const take = useCallback(
    async (device?: Device) => {
      if (!device || current.current?.device === device) return;
      const headset = new Headset(device, pressed);
      if (!(await headset.open())) {
        set({ is: 'busy', device });
        return;
      }
      current.current = headset;
      set({ is: 'on', headset });
    },
    [pressed],
  );
  useEffect(() => {
    const from = hid();
    if (!from) return;
    const look = () => void known(from).then(take);
    const gone = (e: Event) => {
      if ((e as Event & { device?: Device }).device !== current.current?.device) return;
      current.current = undefined;
      set({ is: 'none' });
    };
    look();
    const events = from as unknown as Partial<EventTarget>;
    events.addEventListener?.('connect', look);
    events.addEventListener?.('disconnect', gone);
    return () => {
      events.removeEventListener?.('connect', look);
      events.removeEventListener?.('disconnect', gone);
      void current.current?.close();
      current.current = undefined;
    };
  }, [take]);
  return { state, take };
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

// HeadsetKeys connects the buttons of a headset, keeps its lamps in step with the call, and says when another program has it.
// brief: without its word.
export function HeadsetKeys({ phone, brief }: { phone: Phone; brief?: boolean }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
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
  const { state, take } = useWorn(useCallback((button, on) => latest.current(button, on), []));
  const headset = state.is === 'on' ? state.headset : undefined;
  const lamps = { ring: ringing !== undefined && !talking, offHook: talking !== undefined, mute: phone.muted, hold: held };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the lamps are compared by what they show
  useEffect(() => void headset?.show(lamps), [headset, lamps.ring, lamps.offHook, lamps.mute, lamps.hold]);
  useMediaKeys(phone, talking?.id);
  const from = hid();
  if (!from) return null;
  const choose = async () => {
    const device = state.is === 'busy' ? state.device : await chosen(from).catch(() => undefined);
    if (device) await take(device);
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
