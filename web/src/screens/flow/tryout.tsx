import { useQuery } from '@tanstack/react-query';
import { Alert, AutoComplete, Button, DatePicker, Flex, Form, Input, Tag } from 'antd';
import type { Dayjs } from 'dayjs';
import i18next from 'i18next';
import { Fragment, useEffect, useRef, useState } from 'react';
import { api, Problem, take } from '../../api/client';
import type { components } from '../../api/schema';
import { regionOf } from '../../parts/region';
import { type Change, useItems } from '../admin/config';
import { Findings } from '../admin/editor';
import { usePrompts } from './fields';
import { useFlowWords } from './words';

type Happening = components['schemas']['HappeningIn'];
type Rehearsed = components['schemas']['RehearsedOutBody'];
type Line = components['schemas']['RehearsedLine'];

const telephone = [...'123456789*0#'];

// clock is the time since the call came: 1:05.
const clock = (ms: number) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;

function Said({ line }: { line: Line }) {
  const t = useFlowWords();
  const prompts = usePrompts();
  const [heard, setHeard] = useState('');
  const found = (language: string, file: string) =>
    (prompts.data ?? []).find((p) => p.name === file && (p.language === language || p.language === 'any'));
  return (
    <div className="try-said">
      {(line.prompts ?? []).map((p, i) => {
        const sound = p.file ? found(p.language, p.file) : undefined;
        const at = sound ? `/api/v1/prompts/${sound.language}/${encodeURIComponent(sound.name)}/audio` : '';
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: one prompt may be said twice
          <div key={i}>
            {p.text ? <Tag>{t('try.tts')}</Tag> : null}
            {p.text}
            {p.file ? (
              <Button
                type="link"
                size="small"
                style={{ padding: 0 }}
                disabled={!sound}
                onClick={() => setHeard(at)}
                aria-label={`${t('try.listen')} ${p.file}`}
              >
                ▶ {p.file}
              </Button>
            ) : null}{' '}
            {p.file ? sound?.text : null}
          </div>
        );
      })}
      {/* biome-ignore lint/a11y/useMediaCaption: its text stands above */}
      {heard ? <audio key={heard} controls autoPlay src={heard} style={{ height: 28, width: '100%' }} /> : null}
    </div>
  );
}

// Told is one thing that the flow did.
function Told({ line, outer }: { line: Line; outer: string }) {
  const t = useFlowWords();
  const zh = i18next.language === 'zh';
  switch (line.what) {
    case 'play':
      return <Said line={line} />;
    case 'stop':
      return null;
    case 'node':
      return (
        <div className="try-note">
          {line.flow !== outer ? `${t('try.subflow', { flow: line.flow })} · ` : ''}
          {t('try.here', { node: line.node })} · {t(`kind.${line.type}`, { defaultValue: line.type })}
        </div>
      );
    case 'queue':
      return (
        <div className="try-note">
          {line.text ? t('try.queue', { text: line.text }) : t('try.queueNone')}
          {line.reason ? <div>{zh ? line.reasonZH : line.reason}</div> : null}
        </div>
      );
    default:
      return <div className="try-note">{t(`try.${line.what}`, { text: line.text })}</div>;
  }
}

// Next is what can happen now.
function Next({ at, onHappen }: { at: Rehearsed; onHappen: (h: Happening) => void }) {
  const t = useFlowWords();
  const [values, setValues] = useState('');
  const button = (label: string, h: Happening, primary = false) => (
    <Button key={label} size="small" type={primary ? 'primary' : 'default'} onClick={() => onHappen(h)}>
      {label}
    </Button>
  );
  const looked = () =>
    Object.fromEntries(
      values
        .split(/[\s,]+/)
        .map((pair) => pair.split('='))
        .filter(([name, value]) => name && value !== undefined) as [string, string][],
    );
  const waits = at.waits;
  return (
    <Flex vertical gap={6}>
      <Flex gap={6} wrap>
        {waits === 'queue' ? button(t('try.answered'), { what: 'answered' }, true) : null}
        {waits === 'dial' ? button(t('try.someoneAnswered'), { what: 'answered' }, true) : null}
        {waits === 'talk' ? button(t('try.talkEnded'), { what: 'talk-ended' }, true) : null}
        {waits === 'talk' ? button(t('try.invite'), { what: 'talk-ended', why: 'survey' }) : null}
        {waits === 'message' ? button(t('try.recorded'), { what: 'recorded' }, true) : null}
        {(at.leaves ?? []).map((why) => button(t(`try.left-${why}`), { what: 'left', why }))}
        {waits === 'dial'
          ? ['busy', 'no-answer', 'declined', 'not-registered'].map((why) => button(t(`try.failed-${why}`), { what: 'failed', why }))
          : null}
        {waits === 'lookup' ? (
          <>
            <Input
              size="small"
              style={{ width: 190 }}
              value={values}
              placeholder={t('try.values')}
              aria-label={t('try.values')}
              onChange={(e) => setValues(e.target.value)}
            />
            {button(t('try.lookedUp'), { what: 'looked-up', values: looked() }, true)}
            {button(t('try.lookupFailed'), { what: 'lookup-failed' })}
          </>
        ) : null}
        {['sound', 'key', 'time'].includes(waits) ? button(t('try.on'), { what: 'on' }, true) : null}
      </Flex>
      <div className="try-keys">
        {telephone.map((key) => (
          <Button key={key} size="small" onClick={() => onHappen({ what: 'key', key })} aria-label={t('try.pressed', { key })}>
            {key}
          </Button>
        ))}
      </div>
    </Flex>
  );
}

// happened is a happening as the list shows it.
function useHappened() {
  const t = useFlowWords();
  return (h: Happening): string => {
    switch (h.what) {
      case 'key':
        return t('try.pressed', { key: h.key });
      case 'on':
      case 'wait':
        return t('try.waited');
      case 'left':
      case 'failed':
        return t(`try.${h.what}-${h.why}`, { defaultValue: h.why });
      case 'talk-ended':
        return h.why ? t('try.invite') : t('try.talkEnded');
      case 'looked-up':
        return t('try.lookedUp');
      case 'lookup-failed':
        return t('try.lookupFailed');
      default:
        return t(`try.${h.what}`);
    }
  };
}

interface Setup {
  caller: string;
  region?: string;
  dialled?: string;
  at?: Dayjs | null;
}

function Began({ flow, changes, setup, onAgain, onAt }: { flow: string; changes: Change[]; setup: Setup; onAgain: () => void; onAt: At }) {
  const t = useFlowWords();
  const happened = useHappened();
  const [happens, setHappens] = useState<Happening[]>([]);
  const lines = useRef<HTMLDivElement>(null);
  const [at] = useState(() => (setup.at ? setup.at.toISOString() : new Date().toISOString()));
  const body = {
    flow,
    changes,
    caller: setup.caller,
    region: setup.region || undefined,
    dialled: setup.dialled || undefined,
    at,
    happens,
  };
  // What has happened is told anew with each change of the flow: the talk follows what is edited.
  const query = useQuery({
    queryKey: ['rehearsal', body],
    queryFn: () => take(api.POST('/api/v1/config/rehearsal', { body })),
    placeholderData: (before?: Rehearsed) => before,
    retry: false,
    gcTime: 0,
  });
  const data = query.data;
  useEffect(() => {
    if (!data) return;
    onAt(
      data.flow === flow ? data.node : undefined,
      new Set(data.lines.filter((l) => l.what === 'node' && l.flow === flow).map((l) => l.node ?? '')),
    );
    lines.current?.scrollTo({ top: lines.current.scrollHeight });
  }, [data, flow, onAt]);
  if (query.error) {
    const p = query.error;
    return (
      <Flex vertical gap={8}>
        <Alert type="warning" showIcon title={t('try.wrong')} />
        <Findings all={p instanceof Problem && p.findings.length > 0 ? p.findings : [{ text: p.message }]} />
        <Button onClick={onAgain}>{t('try.again')}</Button>
      </Flex>
    );
  }
  if (!data) return null;
  const done = data.refused ? happens.slice(0, -1) : happens;
  return (
    <div className="try">
      <Flex gap={8} align="center">
        <Tag color={data.waits === '' ? 'default' : 'green'}>{t(`try.waits-${data.waits}`)}</Tag>
        <span className="num quiet">{clock(data.atMs)}</span>
        {data.region ? <span className="quiet">{regionOf(data.region)}</span> : null}
        <span style={{ flex: 1 }} />
        <Button
          size="small"
          onClick={() => {
            setHappens([]);
            onAgain();
          }}
        >
          {t('try.again')}
        </Button>
      </Flex>
      <div className="try-lines" ref={lines} aria-live="polite">
        {[undefined, ...done].map((h, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what has happened never moves
          <Fragment key={i}>
            {h ? <div className="try-did">{happened(h)}</div> : null}
            {data.lines
              .filter((l) => l.by === i)
              .map((l, n) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: nor do the flow's answers
                <Told key={n} line={l} outer={flow} />
              ))}
          </Fragment>
        ))}
        {data.refused ? <div className="try-note">{data.refused}</div> : null}
        {data.waits === '' ? <div className="try-note">{t('try.over')}</div> : null}
      </div>
      {Object.keys(data.variables).length > 0 ? (
        <div className="quiet mono" style={{ marginBottom: 6 }}>
          {t('try.variables')}: {Object.entries(data.variables).map(([k, v]) => `${k}=${v} `)}
        </div>
      ) : null}
      {data.waits === '' ? null : <Next at={data} onHappen={(h) => setHappens([...done, h])} />}
    </div>
  );
}

type At = (node: string | undefined, passed: Set<string>) => void;

// Tryout is a call without a telephone through the flow as it is being edited.
export function Tryout({ flow, changes, onAt }: { flow: string; changes: Change[]; onAt: At }) {
  const t = useFlowWords();
  const numbers = useItems('number');
  const [setup, setSetup] = useState<Setup>();
  const dialled = (numbers.data?.items ?? []).filter((n) => n.item.flow === flow).map((n) => ({ value: String(n.item.number) }));
  if (setup)
    return (
      <Began
        flow={flow}
        changes={changes}
        setup={setup}
        onAt={onAt}
        onAgain={() => {
          setSetup(undefined);
          onAt(undefined, new Set());
        }}
      />
    );
  return (
    <Form<Setup>
      layout="vertical"
      className="flow-form"
      initialValues={{ caller: '13800138000', dialled: dialled[0]?.value }}
      onFinish={setSetup}
    >
      <p className="quiet">{t('try.intro')}</p>
      <Form.Item name="caller" label={t('try.caller')}>
        <Input maxLength={60} placeholder={t('try.hidden')} />
      </Form.Item>
      <Form.Item name="region" label={t('try.region')}>
        <Input maxLength={60} placeholder={`${t('try.regionAuto')} · ${t('edit.newRegion')}`} />
      </Form.Item>
      <Form.Item name="dialled" label={t('try.dialled')}>
        <AutoComplete options={dialled} allowClear />
      </Form.Item>
      <Form.Item name="at" label={t('try.at')}>
        <DatePicker showTime={{ format: 'HH:mm' }} format="YYYY-MM-DD HH:mm" placeholder={t('try.now')} style={{ width: '100%' }} />
      </Form.Item>
      <Button type="primary" htmlType="submit">
        {t('try.begin')}
      </Button>
    </Form>
  );
}
