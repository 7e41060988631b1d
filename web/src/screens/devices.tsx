import { Alert, Button, Card, Descriptions, Flex, Form, Input, Progress, Select, Switch, Tag } from 'antd';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Page } from '../parts/page';
import { rnnoise } from '../phone/deep';
import { chooseDevice, chosenDevice, into, microphoneOf, type Use } from '../phone/devices';
import { decibels, type Filter, filters, quiet, setFilters, setQuiet } from '../phone/noise';
import { current, usePhone } from '../phone/phone';
import type { Quality } from '../phone/quality';
import { Ringer } from '../phone/ringer';
import { useMe } from '../session';
import { HeadsetTest } from './headsettest';

const floor = -70; // dB that the meter begins at
const nothing = -90; // dB of a microphone that is off
const patience = 3_000; // ms of nothing, until it is said
const taped = 5_000; // ms that are recorded

const kinds: Record<Use, MediaDeviceKind> = { microphone: 'audioinput', speaker: 'audiooutput', ringer: 'audiooutput' };

// Heard is what there is of the chosen microphone: its sound as callers would hear it, and whether a filter is part of that.
interface Heard {
  stream?: MediaStream;
  refused: boolean;
  filter: 'off' | 'on' | 'failed';
}

const unheard: Heard = { refused: false, filter: 'off' };

// useMicrophone takes the chosen microphone as long as the page is open, as the telephone would. what changes with any choice of it.
function useMicrophone(what: string, filtered: boolean): Heard {
  const [heard, set] = useState(unheard);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the choices are kept where microphoneOf finds them
  useEffect(() => {
    let over = false;
    let raw: MediaStream | undefined;
    let filter: Filter | undefined;
    const take = async () => {
      raw = await navigator.mediaDevices.getUserMedia({ audio: microphoneOf(filtered) });
      const plain = (filter: Heard['filter']) => over || set({ stream: raw, refused: false, filter });
      const track = raw.getAudioTracks()[0];
      plain('off');
      if (!filtered || !track || over) return;
      try {
        filter = await rnnoise(track, () => plain('failed'));
        if (!over) set({ stream: new MediaStream([filter.track]), refused: false, filter: 'on' });
      } catch {
        plain('failed');
      }
    };
    const end = () => {
      filter?.close();
      for (const track of raw?.getTracks() ?? []) track.stop();
    };
    void take()
      .catch(() => over || set({ ...unheard, refused: true }))
      .then(() => over && end());
    return () => {
      over = true;
      end();
    };
  }, [what, filtered]);
  return heard;
}

// useLevel is how loud a sound is, dB, and whether nothing has come of it for a while.
function useLevel(stream?: MediaStream): { level: number; dead: boolean } {
  const [now, set] = useState({ level: floor, dead: false });
  useEffect(() => {
    if (!stream) return;
    const audio = new AudioContext();
    const meter = audio.createAnalyser();
    audio.createMediaStreamSource(stream).connect(meter);
    const samples = new Float32Array(meter.fftSize);
    let heard = Date.now();
    const timer = setInterval(() => {
      meter.getFloatTimeDomainData(samples);
      const db = decibels(samples);
      if (db > nothing) heard = Date.now();
      set({ level: Math.max(floor, db), dead: Date.now() - heard > patience });
    }, 100);
    return () => {
      clearInterval(timer);
      void audio.close();
    };
  }, [stream]);
  return now;
}

// useDevices are the devices that there are, anew when one is plugged in; their names are known once the microphone is allowed.
function useDevices(allowed: boolean): MediaDeviceInfo[] {
  const [all, set] = useState<MediaDeviceInfo[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with the leave for the microphone the names come
  useEffect(() => {
    const look = () => void navigator.mediaDevices.enumerateDevices().then(set);
    look();
    navigator.mediaDevices.addEventListener('devicechange', look);
    return () => navigator.mediaDevices.removeEventListener('devicechange', look);
  }, [allowed]);
  return all;
}

function Tape({ stream }: { stream?: MediaStream }) {
  const { t } = useTranslation();
  const [step, set] = useState<'idle' | 'recording' | 'playing'>('idle');
  const tape = async () => {
    if (!stream) return;
    const recorder = new MediaRecorder(stream);
    const parts: Blob[] = [];
    recorder.ondataavailable = (ev) => parts.push(ev.data);
    recorder.onstop = async () => {
      const player = new Audio(URL.createObjectURL(new Blob(parts)));
      player.onended = () => {
        URL.revokeObjectURL(player.src);
        set('idle');
      };
      await into(player, 'speaker');
      set('playing');
      await player.play().catch(() => set('idle'));
    };
    recorder.start();
    set('recording');
    setTimeout(() => recorder.state === 'recording' && recorder.stop(), taped);
  };
  return (
    <Button onClick={() => void tape()} disabled={!stream || step !== 'idle'}>
      {t(step === 'idle' ? 'devices.record' : `devices.${step}`)}
    </Button>
  );
}

// Network calls an echo, and shows how the sound of the call of now comes through.
function Network({ onQuality }: { onQuality: (q?: Quality) => void }) {
  const { t } = useTranslation();
  const phone = usePhone();
  const [to, setTo] = useState('600');
  const [quality, set] = useState<Quality>();
  const call = phone ? current(phone.book) : undefined;
  const id = call?.state === 'talking' ? call.id : undefined;
  const read = phone?.quality;
  useEffect(() => {
    if (!id || !read) return;
    const look = () =>
      void read(id).then((q) => {
        if (!q) return;
        set(q);
        onQuality(q);
      });
    look();
    const timer = setInterval(look, 2_000);
    return () => clearInterval(timer);
  }, [id, read, onQuality]);
  const items = [
    [t('devices.rtt'), quality && `${quality.rtt.toFixed(0)} ms`],
    [t('devices.jitter'), quality && `${quality.jitter.toFixed(1)} ms`],
    [t('devices.loss'), quality && `${(quality.loss * 100).toFixed(1)} %`],
    [t('devices.mos'), quality?.mos.toFixed(2)],
    [t('devices.way'), quality && `${quality.way.toUpperCase()} · ${quality.codec}`],
  ];
  return (
    <Card size="small" title={t('devices.network')}>
      <p className="quiet">{t('devices.hint')}</p>
      <Flex gap={8} style={{ marginBottom: 12 }}>
        <Input style={{ width: 160 }} value={to} maxLength={40} onChange={(e) => setTo(e.target.value)} aria-label={t('devices.echo')} />
        {call ? (
          <Button danger onClick={() => phone?.hangUp(call.id)}>
            {t('devices.hangUp')}
          </Button>
        ) : (
          <Button type="primary" disabled={!phone?.book.owner || !to} onClick={() => void phone?.dial({ to })}>
            {t('devices.call')}
          </Button>
        )}
      </Flex>
      <Descriptions
        size="small"
        column={1}
        items={items.map(([label, children]) => ({ key: String(label), label, children: children ?? '–' }))}
      />
    </Card>
  );
}

// Devices is where an agent chooses and tries microphone, speaker and ringer, and sees what the network does to the sound.
export default function Devices() {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState({
    microphone: chosenDevice('microphone'),
    speaker: chosenDevice('speaker'),
    ringer: chosenDevice('ringer'),
  });
  const { agent = '' } = useMe();
  const phone = usePhone();
  const [noise, setNoise] = useState(quiet());
  const [deep, setDeep] = useState(filters(agent));
  const { stream, refused, filter } = useMicrophone(`${chosen.microphone} ${noise}`, deep);
  const { level, dead } = useLevel(stream);
  const devices = useDevices(stream !== undefined);
  const quality = useRef<Quality>(undefined);
  const keep = useCallback((q?: Quality) => {
    quality.current = q;
  }, []);
  const options = (use: Use) => [
    { value: '', label: t('devices.system') },
    ...devices
      .filter((d) => d.kind === kinds[use] && d.deviceId && d.deviceId !== 'default')
      .map((d) => ({ value: d.deviceId, label: d.label || d.deviceId.slice(0, 8) })),
  ];
  const choose = (use: Use, id: string) => {
    chooseDevice(use, id);
    setChosen({ ...chosen, [use]: id });
  };
  const name = (use: Use) => options(use).find((o) => o.value === chosen[use])?.label;
  const report = () => {
    const text = JSON.stringify(
      {
        at: new Date().toISOString(),
        browser: navigator.userAgent,
        microphone: name('microphone'),
        speaker: name('speaker'),
        ringer: name('ringer'),
        noiseSuppression: noise,
        rnnoise: filter,
        headset: phone?.worn.state.is === 'on' ? phone.worn.state.headset.device.productName : (phone?.worn.state.is ?? 'none'),
        track: stream?.getAudioTracks()[0]?.getSettings(),
        levelDb: Math.round(level),
        silent: dead,
        refused,
        devices: devices.map((d) => ({ kind: d.kind, label: d.label })),
        network: quality.current,
      },
      null,
      2,
    );
    const a = document.createElement('a');
    a.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    a.download = `hotline-devices-${Date.now()}.json`;
    a.click();
    URL.revokeObjectURL(a.href);
  };
  return (
    <Page title={t('devices.title')} extra={<Button onClick={report}>{t('devices.report')}</Button>}>
      {refused ? <Alert type="error" showIcon title={t('devices.refused')} style={{ marginBottom: 12 }} role="alert" /> : null}
      {dead ? <Alert type="warning" showIcon title={t('devices.silent')} style={{ marginBottom: 12 }} role="alert" /> : null}
      {filter === 'failed' ? <Alert type="warning" showIcon title={t('phone.noisy')} style={{ marginBottom: 12 }} role="alert" /> : null}
      <Flex gap={12} wrap align="stretch">
        <Card size="small" style={{ width: 460 }}>
          <Form layout="vertical">
            {(['microphone', 'speaker', 'ringer'] as const).map((use) => (
              <Form.Item key={use} label={t(`devices.${use}`)} htmlFor={`use-${use}`}>
                <Select id={`use-${use}`} value={chosen[use]} options={options(use)} onChange={(id) => choose(use, id)} />
              </Form.Item>
            ))}
            <Form.Item label={t('devices.level')}>
              <Progress
                percent={Math.round(((level - floor) / -floor) * 100)}
                format={() => `${Math.round(level)} dB`}
                aria-label={t('devices.level')}
              />
            </Form.Item>
            <Form.Item label={t('devices.noise')} htmlFor="use-noise">
              <Switch
                id="use-noise"
                checked={noise}
                onChange={(on) => {
                  setQuiet(on);
                  setNoise(on);
                }}
              />
            </Form.Item>
            <Form.Item
              label={t('devices.deep')}
              extra={[t('devices.deepHint'), t('devices.next')].map((line) => <div key={line}>{line}</div>)}
              htmlFor="use-deep"
            >
              <Flex gap={8} align="center">
                <Switch
                  id="use-deep"
                  checked={deep}
                  onChange={(on) => {
                    setFilters(agent, on);
                    setDeep(on);
                  }}
                />
                {filter === 'on' ? <Tag color="green">{t('devices.deepOn')}</Tag> : null}
              </Flex>
            </Form.Item>
            <Flex gap={8}>
              <Tape stream={stream} />
              <Button onClick={() => new Ringer().once()}>{t('devices.tryRinger')}</Button>
            </Flex>
          </Form>
        </Card>
        <div style={{ flex: 1, minWidth: 320, display: 'grid', gap: 12, alignContent: 'start' }}>
          <Network onQuality={keep} />
          {phone ? <HeadsetTest worn={phone.worn} busy={phone.book.calls.length > 0} /> : null}
        </div>
      </Flex>
    </Page>
  );
}
