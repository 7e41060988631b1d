import { useQuery } from '@tanstack/react-query';
import { Badge, Card, Collapse, Descriptions, type DescriptionsProps, Progress } from 'antd';
import { api, may, take } from '../api/client';
import type { components } from '../api/schema';
import { Alarms } from '../parts/alarms';
import { Ask } from '../parts/ask';
import { Page } from '../parts/page';
import { size, stamp, within } from '../parts/time';
import { useMe } from '../session';
import { useAllWords } from './admin/words';

type Machine = components['schemas']['MachineOutBody'];

const lines = (items: [string, React.ReactNode][]): DescriptionsProps['items'] =>
  items.map(([label, children]) => ({ key: label, label, children }));

function Running() {
  const t = useAllWords();
  const query = useQuery({ queryKey: ['version'], queryFn: () => take(api.GET('/api/v1/version')), refetchInterval: 5_000 });
  return (
    <Card size="small">
      <Ask query={query}>
        {(v) => (
          <Descriptions
            size="small"
            column={1}
            items={lines([
              [t('system.version'), v.version],
              [
                t('system.ready'),
                <Badge key="r" status={v.ready ? 'success' : 'error'} text={v.ready ? t('common.yes') : t('system.notReady')} />,
              ],
              [t('system.live'), v.live],
              [
                t('system.api'),
                <a key="a" href="/api/v1/openapi.json">
                  /api/v1/openapi.json
                </a>,
              ],
            ])}
          />
        )}
      </Ask>
    </Card>
  );
}

function Disk({ m }: { m: Machine }) {
  const t = useAllWords();
  const used = m.diskSize > 0 ? Math.round(((m.diskSize - m.diskFree) / m.diskSize) * 100) : 0;
  const full = (days?: number) =>
    days === undefined ? t('system.noPace') : days > 3650 ? t('system.years') : t('system.days', { n: days });
  return (
    <Card size="small" title={t('system.disk')}>
      <Progress percent={used} status={used > 95 ? 'exception' : 'normal'} format={(p) => `${p} %`} aria-label={t('system.disk')} />
      <Descriptions
        size="small"
        column={1}
        items={lines([
          [t('system.free'), `${size(m.diskFree)} / ${size(m.diskSize)}`],
          [t('system.recordings'), size(m.recordings)],
          [t('system.perDay'), size(m.recordingsPerDay)],
          [t('system.fullIn'), full(m.fullInDays)],
          [t('system.reserve'), size(m.diskReserve)],
          [
            t('system.data'),
            <span key="d" className="mono">
              {m.data}
            </span>,
          ],
        ])}
      />
    </Card>
  );
}

function Whole() {
  const t = useAllWords();
  const query = useQuery({ queryKey: ['system'], queryFn: () => take(api.GET('/api/v1/system')), refetchInterval: 15_000 });
  return (
    <Ask query={query}>
      {(m) => (
        <div className="masonry">
          <Card size="small" title={t('alarm.title')}>
            <Alarms all={m.alarms} />
          </Card>
          <Card size="small" title={t('system.program')}>
            <Descriptions
              size="small"
              column={1}
              items={lines([
                [t('system.version'), m.version],
                [t('system.uptime'), `${within(m.started, (n) => t('system.day', { n }))} · ${t('system.from', { at: stamp(m.started) })}`],
                [
                  t('system.ready'),
                  <Badge key="r" status={m.ready ? 'success' : 'error'} text={m.ready ? t('common.yes') : t('system.notReady')} />,
                ],
                [t('system.live'), m.live],
                [t('system.speech'), m.speech ? t('common.yes') : t('system.noSpeech')],
                [
                  t('system.api'),
                  <a key="a" href="/api/v1/openapi.json">
                    /api/v1/openapi.json
                  </a>,
                ],
              ])}
            />
          </Card>
          <Disk m={m} />
          <Card size="small" title={t('system.keeping')}>
            <Descriptions
              size="small"
              column={1}
              items={lines([
                [
                  t('system.database'),
                  <Badge
                    key="b"
                    status={m.databaseAnswers ? 'success' : 'error'}
                    text={`${m.databaseAnswers ? t('system.answers') : t('system.silent')} · ${size(m.database)}`}
                  />,
                ],
                [t('system.journal'), m.journalWaiting],
                [
                  t('system.certificates'),
                  m.certificates.length === 0
                    ? t('system.noCertificates')
                    : m.certificates.map((c) => <div key={c.name}>{`${c.name} · ${t('system.until')} ${stamp(c.ends)}`}</div>),
                ],
              ])}
            />
          </Card>
          <Card size="small" title={t('system.licences')}>
            <p>{t('system.licence', { name: m.licence })}</p>
            <p>
              {(['program', 'pages'] as const).map((of) => (
                <a key={of} href={`/licences/${of}.txt`} target="_blank" rel="noreferrer" style={{ marginInlineEnd: 16 }}>
                  {t(`system.texts.${of}`)}
                </a>
              ))}
            </p>
            <Collapse
              size="small"
              items={[
                {
                  key: 'm',
                  label: t('system.modules', { n: m.modules.length }),
                  children: (
                    <div className="mono" style={{ maxHeight: 260, overflow: 'auto' }}>
                      {m.modules.map((x) => (
                        <div key={x.path}>
                          {x.path} {x.version}
                        </div>
                      ))}
                    </div>
                  ),
                },
              ]}
            />
          </Card>
        </div>
      )}
    </Ask>
  );
}

// System says what runs here, and what of it needs somebody.
export default function System() {
  const t = useAllWords();
  return <Page title={t('system.title')}>{may(useMe(), 'admin') ? <Whole /> : <Running />}</Page>;
}
