import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api, may, take } from '../api/client';
import { useMe } from '../session';
import { Ear, union } from './ranges';
import { clock, stamp } from './time';

const every = 15_000; // ms between two lines of the audit log while it plays on

// useHeard tells the server which parts of a recording sounded: now and then, when it stops, and when the page goes.
export function useHeard(id: string, at: number, playing: boolean) {
  const client = useQueryClient();
  const ear = useRef(new Ear());
  useEffect(() => ear.current.hear(at, playing), [at, playing]);
  useEffect(() => {
    const own = ear.current;
    const tell = () => {
      const ranges = own.take();
      if (ranges.length === 0) return;
      const path = { id };
      api
        .POST('/api/v1/recordings/{id}/heard', { params: { path }, body: { ranges: ranges.slice(0, 200) }, keepalive: true })
        .then(() => client.invalidateQueries({ queryKey: ['heard', id] }))
        .catch(() => undefined); // the listener has nothing to do about it; that the sound was fetched is noted anyhow
    };
    if (!playing) {
      tell();
      return;
    }
    const timer = setInterval(tell, every);
    window.addEventListener('pagehide', tell);
    return () => {
      clearInterval(timer);
      window.removeEventListener('pagehide', tell);
      tell();
    };
  }, [id, playing, client]);
}

// Heard shows supervisors who listened to which parts, under the waveform and in its scale.
export function Heard({ id, length }: { id: string; length: number }) {
  const { t } = useTranslation();
  const allowed = may(useMe(), 'supervisor');
  const query = useQuery({
    queryKey: ['heard', id],
    enabled: allowed,
    queryFn: () => take(api.GET('/api/v1/recordings/{id}/heard', { params: { path: { id } } })),
  });
  if (!allowed || !query.data) return null;
  const lines = query.data; // the newest first
  const people = lines.filter((h, i) => lines.findIndex((x) => x.who === h.who) === i);
  return (
    <details style={{ marginTop: 6 }} open={people.length > 0}>
      <summary className="quiet">
        {t('sup.heard')} {people.length || ''}
      </summary>
      {people.length === 0 ? <span className="quiet">{t('sup.heardNone')}</span> : null}
      {people.map((p) => (
        <div key={p.who} className="heard">
          <span className="heard-who" title={p.name}>
            {t('sup.heardWhat', { who: p.name, when: stamp(p.at) })}
          </span>
          <span className="heard-line">
            {union(lines.filter((h) => h.who === p.who).flatMap((h) => h.ranges ?? [])).map((r) => (
              <span
                key={r.from}
                title={`${clock(r.from * 1000)} – ${clock(r.to * 1000)}`}
                style={length > 0 ? { left: `${(100 * r.from) / length}%`, width: `${(100 * (r.to - r.from)) / length}%` } : undefined}
              />
            ))}
          </span>
        </div>
      ))}
    </details>
  );
}
