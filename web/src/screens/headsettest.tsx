import { Alert, Button, Card, Flex, Switch, Tag } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { allButtons, allLamps, dark, type Button as Key, type Lamps } from '../phone/headset';
import { HeadsetChooser, useWorn } from '../phone/headsetkeys';
import type { Worn } from '../phone/worn';

// Pressed is what was heard of a button: how often it was pressed, and whether one that stays in says it is in now.
interface Pressed {
  times: number;
  on?: boolean;
}

// heard is what is known of the buttons after one more word of one.
export function heard(before: Partial<Record<Key, Pressed>>, button: Key, on?: boolean): Partial<Record<Key, Pressed>> {
  const times = (before[button]?.times ?? 0) + (on === false ? 0 : 1);
  return { ...before, [button]: { times, on } };
}

function Buttons({ pressed, has }: { pressed: Partial<Record<Key, Pressed>>; has: (b: Key) => boolean }) {
  const { t } = useTranslation();
  const word = (b: Key) => {
    const p = pressed[b];
    if (!has(b)) return t('devices.hasNot');
    if (!p?.times) return t('devices.notYet');
    return [t('devices.times', { n: p.times }), p.on === undefined ? '' : t(p.on ? 'devices.in' : 'devices.out')]
      .filter(Boolean)
      .join(' · ');
  };
  return (
    <ul aria-label={t('devices.buttons')} style={{ listStyle: 'none', padding: 0, margin: '8px 0' }}>
      {allButtons.map((b) => (
        <Flex component="li" key={b} gap={8} style={{ padding: '2px 0' }}>
          <span style={{ width: 120 }}>{t(`devices.button.${b}`)}</span>
          <Tag color={pressed[b]?.on ? 'blue' : pressed[b]?.times ? 'green' : undefined}>{word(b)}</Tag>
        </Flex>
      ))}
    </ul>
  );
}

function LampSwitches({ worn, can, busy }: { worn: Worn; can: (l: keyof Lamps) => boolean; busy: boolean }) {
  const { t } = useTranslation();
  const [lit, set] = useState<Lamps>(dark);
  const show = (next: Lamps) => {
    set(next);
    worn.show(next);
  };
  useEffect(() => () => worn.show(dark), [worn]);
  return (
    <Flex gap={12} wrap align="center" role="group" aria-label={t('devices.lamps')}>
      {allLamps.map((l) => (
        <Flex key={l} gap={4} align="center">
          <Switch
            size="small"
            id={`lamp-${l}`}
            disabled={busy || !can(l)}
            checked={!busy && lit[l]}
            onChange={(on) => show({ ...lit, [l]: on })}
          />
          <label htmlFor={`lamp-${l}`}>{t(`devices.lamp.${l}`)}</label>
        </Flex>
      ))}
    </Flex>
  );
}

// HeadsetTest shows what each button of the headset does, and lights its lamps by hand. busy: a call has the lamps.
export function HeadsetTest({ worn, busy }: { worn: Worn; busy: boolean }) {
  const { t } = useTranslation();
  const [pressed, set] = useState<Partial<Record<Key, Pressed>>>({});
  useEffect(() => worn.hear((button, on) => set((before) => heard(before, button, on))), [worn]);
  const state = useWorn(worn);
  const headset = state.is === 'on' ? state.headset : undefined;
  return (
    <Card size="small" title={t('devices.headset')}>
      {worn.from ? null : <p className="quiet">{t('devices.noHid')}</p>}
      {state.is === 'busy' ? <Alert type="warning" showIcon title={t('headset.busy')} style={{ marginBottom: 8 }} role="alert" /> : null}
      <HeadsetChooser worn={worn} />
      {headset ? (
        <>
          <p className="quiet">{t('devices.pressHint')}</p>
          <Buttons pressed={pressed} has={(b) => headset.has(b)} />
          <LampSwitches worn={worn} can={(l) => headset.lights(l)} busy={busy} />
          <Button size="small" type="text" onClick={() => set({})} style={{ marginTop: 8 }}>
            {t('devices.again')}
          </Button>
        </>
      ) : null}
    </Card>
  );
}
