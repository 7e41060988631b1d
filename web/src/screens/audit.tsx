import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Flex, Input, Select, Table } from 'antd';
import type { Dayjs } from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, take } from '../api/client';
import { useAgentNames, useQueueName } from '../live';
import { Ask, Nothing } from '../parts/ask';
import { useBy } from '../parts/names';
import { Page } from '../parts/page';
import { national } from '../parts/region';
import { sorted, sortOf } from '../parts/sorting';
import { useReason } from '../parts/state';
import { stamp } from '../parts/time';
import { useCode } from '../parts/why';
import { useAllWords } from './admin/words';
import { type About, detailOf, type Names, objectOf } from './trailwords';

// kinds are what may be asked for at once: a group ends with a dot.
const kinds = [
  'login',
  'login.refused',
  'recording.listen',
  'calls.export',
  'config.',
  'person.',
  'token.',
  'prompt.',
  'call.',
  'agent.',
  'queue.',
  'callback.',
  'ban.',
  'message.',
];

// useDeed says what was done, or a group of it, in the page's language; what has no word yet is left as it is.
function useDeed(): (what: string) => string {
  const { i18n } = useTranslation();
  const t = useAllWords();
  const code = useCode();
  return (what) => {
    const known = what.replace('.', '_');
    if (i18n.exists(`audit.did.${known}`, { ns: 'admin' })) return t(`audit.did.${known}`);
    return what.startsWith('call.') ? t('audit.call', { what: code(what.slice(5)) }) : what;
  };
}

// useNames are how people call what lines name by ids.
function useNames(): Names {
  const t = useAllWords();
  const reason = useReason();
  const agent = useAgentNames();
  const queue = useQueueName();
  const people = useQuery({
    queryKey: ['people', 'all'],
    queryFn: async () => (await take(api.GET('/api/v1/people', { params: { query: { limit: 1000 } } }))).people ?? [],
    staleTime: 60_000,
  }).data;
  const callbacks = useQuery({
    queryKey: ['callbacks', 'all'],
    queryFn: async () => (await take(api.GET('/api/v1/callbacks', { params: { query: { limit: 1000 } } }))).callbacks ?? [],
    staleTime: 60_000,
  }).data;
  const { i18n } = useTranslation();
  const word = (group: string) => (code: string) => (i18n.exists(`${group}.${code}`) ? t(`${group}.${code}`) : code);
  return {
    agent,
    queue,
    reason,
    person: (id) => people?.find((p) => p.id === id)?.login ?? id,
    state: word('state'),
    role: word('role'),
    waiting: word('closing'),
    everybody: t('message.all'),
    centre: t('closing.centre'),
    asConfigured: t('member.reset'),
    version: (n) => t('audit.version', { n }),
    call: t('audit.theCall'),
    recording: t('calls.record'),
    callback: (id) => national(callbacks?.find((c) => c.id === id)?.number ?? t('audit.theCallback')),
    token: t('audit.theToken'),
  };
}

function Told({ text, to, id }: About) {
  if (to)
    return (
      <Link to={to} title={id}>
        {text}
      </Link>
    );
  return id ? <span title={id}>{text}</span> : text;
}

// Audit is who did what.
export default function Audit() {
  const t = useAllWords();
  const deed = useDeed();
  const names = useNames();
  const by = useBy();
  const [what, setWhat] = useState('');
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<'-at'>('-at'); // one of those of the API
  const [days, setDays] = useState<[Dayjs, Dayjs] | null>(null);
  const from = days?.[0].startOf('day').toISOString();
  const to = days?.[1].add(1, 'day').startOf('day').toISOString();
  const query = useInfiniteQuery({
    queryKey: ['audit', what, search, from, to, sort],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/audit', {
          params: {
            query: { what: what || undefined, search: search || undefined, from, to, sort, before: pageParam || undefined, limit: 100 },
          },
        }),
      ),
    getNextPageParam: (page) => page.next,
  });
  return (
    <Page title={t('audit.title')} extra={<Button onClick={() => query.refetch()}>{t('act.refresh')}</Button>}>
      <Flex gap={8} style={{ marginBottom: 12 }} role="search">
        <Input.Search
          allowClear
          style={{ width: 300 }}
          maxLength={100}
          placeholder={t('audit.search')}
          aria-label={t('audit.search')}
          onSearch={(v) => setSearch(v.trim())}
        />
        <Select
          allowClear
          showSearch
          style={{ width: 200 }}
          placeholder={t('audit.what')}
          aria-label={t('audit.what')}
          options={kinds.map((value) => ({ value, label: deed(value) }))}
          onChange={(v?: string) => setWhat(v ?? '')}
        />
        <DatePicker.RangePicker
          allowClear
          value={days}
          placeholder={[t('audit.from'), t('audit.to')]}
          onChange={(v) => setDays(v?.[0] && v[1] ? [v[0], v[1]] : null)}
        />
      </Flex>
      <Ask query={query}>
        {(data) => (
          <Table
            size="small"
            rowKey="number"
            pagination={false}
            dataSource={data.pages.flatMap((p) => p.lines ?? [])}
            locale={{ emptyText: <Nothing text={t('audit.none')} /> }}
            onChange={(_, __, s) => setSort((sortOf(s) ?? '-at') as '-at')}
            columns={[
              { ...sorted('at', sort), title: t('common.time'), className: 'num keep', width: 140, render: (_, l) => stamp(l.at) },
              { ...sorted('who', sort), title: t('audit.who'), className: 'keep', render: (_, l) => by(l.name || l.who) },
              {
                ...sorted('what', sort),
                title: t('audit.what'),
                className: 'keep',
                render: (_, l) => <span title={l.what}>{deed(l.what)}</span>,
              },
              { title: t('audit.object'), className: 'break', render: (_, l) => <Told {...objectOf(l, names)} /> },
              { title: t('audit.detail'), className: 'break', render: (_, l) => <Told {...detailOf(l, names)} /> },
              { title: t('audit.source'), dataIndex: 'source', className: 'num', width: 140 },
            ]}
          />
        )}
      </Ask>
      {query.hasNextPage ? (
        <Button block type="text" onClick={() => void query.fetchNextPage()} style={{ marginTop: 8 }}>
          {t('act.more')}
        </Button>
      ) : null}
    </Page>
  );
}
