import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Drawer, Flex, Popconfirm, Select, Table, Tag } from 'antd';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { api, Problem, take } from '../../api/client';
import type { components } from '../../api/schema';
import { Ask, Nothing } from '../../parts/ask';
import { useBy } from '../../parts/names';
import { Page } from '../../parts/page';
import { stamp } from '../../parts/time';
import type { Kind } from './config';
import { Findings } from './editor';
import { useFieldName, useWords } from './words';

type Difference = components['schemas']['CentreDifference'];
type Version = components['schemas']['StoreSettingVersion'];

const kinds: Kind[] = ['trunk', 'number', 'route', 'queue', 'person', 'phone', 'calendar', 'callers', 'outside', 'codes', 'flow'];
const colours: Record<string, string> = { made: 'green', changed: 'blue', removed: 'red' };

const said = (v: unknown) =>
  v === undefined || v === null ? '–' : v === '(kept)' ? '••••••' : typeof v === 'object' ? JSON.stringify(v) : String(v);

function OneDifference({ d }: { d: Difference }) {
  const t = useWords();
  const fieldName = useFieldName();
  return (
    <section style={{ marginBottom: 16 }}>
      <Flex gap={8} align="center" style={{ marginBottom: 4 }}>
        <Tag color={colours[d.what]}>{t(`version.${d.what}`)}</Tag>
        <b>
          {t(`kind.${d.kind}`)} {d.id}
        </b>
      </Flex>
      {d.moved ? <p className="quiet">{t('version.moved')}</p> : null}
      {d.secrets ? <p className="quiet">{t('version.secrets')}</p> : null}
      {d.fields && d.fields.length > 0 ? (
        <Table
          size="small"
          rowKey="field"
          pagination={false}
          dataSource={d.fields}
          columns={[
            { title: t('version.field'), width: 180, render: (_, f) => <span title={f.field}>{fieldName(d.kind, f.field)}</span> },
            { title: t('version.before'), render: (_, f) => <span className="diff-gone">{said(f.before)}</span> },
            { title: t('version.after'), render: (_, f) => <span className="diff-come">{said(f.after)}</span> },
          ]}
        />
      ) : null}
      {d.lines && d.lines.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by the keyboard too
        <pre className="diff" tabIndex={0}>
          {d.lines.map((l, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no other name, and never move
            <div key={i} className={l.sign === '+' ? 'diff-come' : l.sign === '-' ? 'diff-gone' : undefined}>
              {l.sign === '' ? '⋯' : `${l.sign} ${l.text}`}
            </div>
          ))}
        </pre>
      ) : null}
    </section>
  );
}

function OneVersion({ version, onClose }: { version: Version; onClose: () => void }) {
  const t = useWords();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [refused, setRefused] = useState<Problem>();
  const params = { path: { number: version.number } };
  const query = useQuery({
    queryKey: ['config', 'version', version.number],
    queryFn: () => take(api.GET('/api/v1/config/versions/{number}', { params })),
  });
  const back = async () => {
    try {
      const done = await take(api.POST('/api/v1/config/versions/{number}/back', { params }));
      if (done.notTaken) message.warning(`${t('common.notTaken')}: ${done.notTaken}`, 8);
      else message.success(t('version.backDone'));
      await client.invalidateQueries({ queryKey: ['config'] });
      onClose();
    } catch (err) {
      setRefused(err instanceof Problem ? err : new Problem(0, String(err)));
    }
  };
  return (
    <Drawer
      open
      size={760}
      title={`${t('version.number')} ${version.number}`}
      onClose={onClose}
      extra={
        <Popconfirm title={t('version.backSure', { n: version.number })} styles={{ root: { maxWidth: 360 } }} onConfirm={back}>
          <Button>{t('version.back')}</Button>
        </Popconfirm>
      }
    >
      {refused ? <Findings all={refused.findings.length > 0 ? refused.findings : [{ text: refused.message }]} /> : null}
      <Ask query={query}>
        {(data) => (
          <>
            {(data.changes ?? []).map((d) => (
              <OneDifference key={d.kind + d.id} d={d} />
            ))}
          </>
        )}
      </Ask>
    </Drawer>
  );
}

// Versions is who published what, with the differences and the way back.
export default function Versions() {
  const t = useWords();
  const by = useBy();
  const [search, setSearch] = useSearchParams();
  const kind = (search.get('kind') as Kind | null) ?? undefined;
  const id = search.get('id') ?? undefined;
  const [open, setOpen] = useState<Version>();
  const query = useInfiniteQuery({
    queryKey: ['config', 'versions', kind, id],
    initialPageParam: 0,
    queryFn: ({ pageParam }) =>
      take(api.GET('/api/v1/config/versions', { params: { query: { kind, id, before: pageParam || undefined, limit: 50 } } })),
    getNextPageParam: (page) => page.next,
  });
  return (
    <Page title={t('version.title')}>
      <Flex gap={8} style={{ marginBottom: 12 }} role="search">
        <Select
          allowClear
          style={{ width: 200 }}
          placeholder={`${t('version.kind')} …`}
          aria-label={t('version.kind')}
          options={kinds.map((value) => ({ value, label: t(`kind.${value}`) }))}
          value={kind}
          onChange={(k?: Kind) => setSearch(k ? { kind: k } : {})}
        />
        {id ? (
          <Tag closable onClose={() => setSearch(kind ? { kind } : {})} style={{ alignSelf: 'center' }}>
            {id}
          </Tag>
        ) : null}
      </Flex>
      <Ask query={query}>
        {(data) => (
          <Table
            size="small"
            rowKey="number"
            pagination={false}
            dataSource={data.pages.flatMap((p) => p.versions ?? [])}
            locale={{ emptyText: <Nothing text={t('version.none')} hint={t('version.none_hint')} /> }}
            columns={[
              {
                title: t('version.number'),
                width: 90,
                render: (_, v) => (
                  <Button type="link" size="small" style={{ padding: 0 }} onClick={() => setOpen(v)}>
                    {v.number}
                  </Button>
                ),
              },
              { title: t('version.at'), className: 'num', width: 180, render: (_, v) => stamp(v.at) },
              { title: t('version.by'), width: 180, render: (_, v) => (v.by === 'import' ? t('version.imported') : by(v.by)) },
              { title: t('version.changes'), dataIndex: 'changes', className: 'num', width: 90 },
              { title: t('version.note'), render: (_, v) => (v.back ? t('version.was', { n: v.back }) : v.note) },
            ]}
          />
        )}
      </Ask>
      {query.hasNextPage ? (
        <Button block type="text" onClick={() => void query.fetchNextPage()} style={{ marginTop: 8 }}>
          {t('version.more')}
        </Button>
      ) : null}
      {open ? <OneVersion version={open} onClose={() => setOpen(undefined)} /> : null}
    </Page>
  );
}
