import { BackwardOutlined, DownloadOutlined, ForwardOutlined, PauseOutlined, PlayCircleOutlined } from '@ant-design/icons';
import { Alert, Button, Flex, Segmented, Spin, Switch, Tooltip, theme } from 'antd';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import WaveSurfer from 'wavesurfer.js';
import type { Recording } from '../api/client';
import { useDark } from '../look';
import { useMe } from '../session';
import { Heard, useHeard } from './heard';
import { type Mark, placed } from './marks';
import { silences } from './silence';
import { clock } from './time';

// lanes are the colours of the customer's and the agent's side.
const lanes = (dark: boolean): [string, string] => (dark ? ['#7aa7ff', '#4ade80'] : ['#1456d8', '#15803d']);

const speeds = [0.5, 1, 1.25, 1.5, 2, 3];

interface Shown {
  surfer?: WaveSurfer;
  at: number; // s
  length: number; // s
  playing: boolean;
  state: 'loading' | 'ready' | 'broken';
}

// useWave draws the two lanes, customer over agent, into place.
function useWave(place: React.RefObject<HTMLDivElement | null>, url: string): Shown {
  const { token } = theme.useToken();
  const [dark] = useDark();
  const [shown, set] = useState<Shown>({ at: 0, length: 0, playing: false, state: 'loading' });
  useEffect(() => {
    if (!place.current) return;
    const [customer, agent] = lanes(dark);
    const lane = (colour: string) => ({ height: 60, waveColor: `${colour}66`, progressColor: colour });
    const surfer = WaveSurfer.create({
      container: place.current,
      url,
      cursorColor: token.colorText,
      splitChannels: [lane(customer), lane(agent)],
      normalize: true,
      dragToSeek: true,
      fetchParams: { credentials: 'same-origin' },
    });
    const change = (more: Partial<Shown>) => set((old) => ({ ...old, ...more }));
    surfer.on('ready', (length) => change({ state: 'ready', length }));
    surfer.on('error', () => change({ state: 'broken' }));
    surfer.on('play', () => change({ playing: true }));
    surfer.on('pause', () => change({ playing: false }));
    surfer.on('timeupdate', (at) => change({ at }));
    set({ surfer, at: 0, length: 0, playing: false, state: 'loading' });
    return () => surfer.destroy();
  }, [place, url, token.colorText, dark]);
  return shown;
}

// useSkipping jumps over stretches in which both sides are silent while on.
function useSkipping({ surfer, state, at, playing }: Shown, on: boolean) {
  const quiet = useMemo(() => {
    const sound = state === 'ready' ? surfer?.getDecodedData() : null;
    return sound ? silences(sound) : [];
  }, [surfer, state]);
  useEffect(() => {
    if (!on || !playing) return;
    const gap = quiet.find((q) => at >= q.from && at < q.to - 0.3);
    if (gap) surfer?.setTime(gap.to - 0.1);
  }, [on, playing, at, quiet, surfer]);
}

// Marks are flags over the waveform; a click goes there.
function Marks({ marks, length, go }: { marks: Mark[]; length: number; go: (at: number) => void }) {
  const shown = marks.filter((m) => m.at >= 0 && m.at <= length);
  const places = placed(
    shown.map((m) => m.at),
    length,
  );
  return (
    <div className="marks">
      {shown.map((m, i) => (
        <Tooltip key={`${m.at} ${m.what}`} title={`${clock(m.at * 1000)} ${m.what}`}>
          <button
            type="button"
            className={places[i]?.late ? 'late' : undefined}
            style={{
              [places[i]?.late ? 'right' : 'left']: `${(100 * (places[i]?.late ? length - m.at : m.at)) / length}%`,
              maxWidth: `${100 * (places[i]?.room ?? 0)}%`,
            }}
            onClick={() => go(m.at)}
            aria-label={`${clock(m.at * 1000)} ${m.what}`}
          >
            {places[i]?.room ? m.what : null}
          </button>
        </Tooltip>
      ))}
    </div>
  );
}

// Player plays one recording: two lanes with marks, speed, skipping of silence. Keys: space plays, arrows go 5 s back and on.
export function Player({ recording, marks = [] }: { recording: Recording; marks?: Mark[] }) {
  const { t } = useTranslation();
  const me = useMe();
  const place = useRef<HTMLDivElement>(null);
  const url = `/api/v1/recordings/${encodeURIComponent(recording.id)}/audio`;
  const shown = useWave(place, url);
  const [speed, setSpeed] = useState(1);
  const [skip, setSkip] = useState(false);
  useSkipping(shown, skip);
  useHeard(recording.id, shown.at, shown.playing);
  const { surfer, playing, state } = shown;
  const [customer, agent] = lanes(useDark()[0]);
  const move = (seconds: number) => surfer?.skip(seconds);
  const keys = (e: React.KeyboardEvent) => {
    if (e.key === ' ' && e.target === e.currentTarget) void surfer?.playPause();
    else if (e.key === 'ArrowLeft') move(-5);
    else if (e.key === 'ArrowRight') move(5);
    else return;
    e.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the player takes the keys of a player
    <section tabIndex={0} onKeyDown={keys} aria-label={t('call.recordings')}>
      <Flex gap={8}>
        <div className="lanes">
          <span style={{ color: customer }}>{t('player.customer')}</span>
          <span style={{ color: agent }}>{t('player.agent')}</span>
        </div>
        <div style={{ flex: 1, minWidth: 0 }}>
          {shown.length > 0 && marks.length > 0 ? <Marks marks={marks} length={shown.length} go={(at) => surfer?.setTime(at)} /> : null}
          <div className="wave" ref={place} aria-busy={state === 'loading'} />
        </div>
      </Flex>
      {state === 'broken' ? <Alert type="error" title={t('player.broken')} /> : null}
      <Flex gap={8} align="center" wrap style={{ marginTop: 6 }}>
        <Button icon={<BackwardOutlined />} onClick={() => move(-5)} aria-label={t('player.back')} />
        <Button
          type="primary"
          disabled={state !== 'ready'}
          icon={playing ? <PauseOutlined /> : <PlayCircleOutlined />}
          onClick={() => void surfer?.playPause()}
        >
          {playing ? t('player.pause') : t('player.play')}
        </Button>
        <Button icon={<ForwardOutlined />} onClick={() => move(5)} aria-label={t('player.forward')} />
        <span className="num">
          {clock(shown.at * 1000)} / {clock(shown.length * 1000)}
        </span>
        {state === 'loading' ? <Spin size="small" /> : null}
        <Segmented
          aria-label={t('player.speed')}
          value={speed}
          options={speeds.map((s) => ({ value: s, label: `${s}×` }))}
          onChange={(s) => {
            setSpeed(s);
            surfer?.setPlaybackRate(s, true);
          }}
        />
        <Switch size="small" checked={skip} onChange={setSkip} aria-label={t('player.skip')} />
        <span>{t('player.skip')}</span>
        <span style={{ flex: 1 }} />
        {me.savesRecordings ? (
          <Button icon={<DownloadOutlined />} href={`${url}?download=true`}>
            {t('player.download')}
          </Button>
        ) : null}
      </Flex>
      <div className="quiet" style={{ fontSize: 12, marginTop: 4 }}>
        {t('player.audited')}
      </div>
      <Heard id={recording.id} length={shown.length} />
    </section>
  );
}
