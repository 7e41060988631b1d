import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, DatePicker, Flex, Select } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { api, may, take } from '../api/client';
import { Ask } from '../parts/ask';
import { CallTable } from '../parts/calltable';
import { More, PickAgent, PickQueue, Seek } from '../parts/filters';
import { Page } from '../parts/page';
import { results } from '../parts/result';
import { useMe } from '../session';

const seldom = ['direction', 'did', 'region', 'topic'] as const;
const keys = ['from', 'to', 'result', 'number', 'queue', 'agent', 'sort', ...seldom] as const;
type Filter = Partial<Record<(typeof keys)[number], string>>;

// useFilter keeps the filter in the address, so that a search can be sent to somebody.
function useFilter(): [Filter, (key: keyof Filter, value?: string) => void, () => void] {
  const [params, setParams] = useSearchParams();
  const filter: Filter = {};
  for (const k of keys) {
    const v = params.get(k);
    if (v) filter[k] = v;
  }
  const set = (key: keyof Filter, value?: string) =>
    setParams(
      (old) => {
        if (value) old.set(key, value);
        else old.delete(key);
        return old;
      },
      { replace: true },
    );
  return [filter, set, () => setParams({}, { replace: true })];
}

// Calls is the search over all records.
export default function Calls() {
  const { t } = useTranslation();
  const me = useMe();
  const [filter, set, clear] = useFilter();
  const query = useInfiniteQuery({
    queryKey: ['calls', 'list', filter],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      take(api.GET('/api/v1/calls', { params: { query: { ...(filter as object), limit: 50, before: pageParam || undefined } } })),
    getNextPageParam: (page) => page.next,
  });
  const { sort = '-started', ...chosen } = filter;
  const csv = `/api/v1/calls.csv?${new URLSearchParams(chosen)}`;
  const wide = may(me, 'supervisor');
  return (
    <Page
      title={t('calls.title')}
      extra={
        <Flex gap={8}>
          {wide ? <Button href={csv}>{t('act.export')}</Button> : null}
          <Button onClick={() => query.refetch()}>{t('act.refresh')}</Button>
        </Flex>
      }
    >
      <Flex gap={8} wrap style={{ marginBottom: 12 }} role="search">
        <DatePicker.RangePicker
          style={{ width: 280 }}
          showTime={{ format: 'HH:mm' }}
          format="MM-DD HH:mm"
          value={[filter.from ? dayjs(filter.from) : null, filter.to ? dayjs(filter.to) : null]}
          allowEmpty={[true, true]}
          presets={[
            { label: t('common.today'), value: [dayjs().startOf('day'), dayjs().endOf('day')] },
            { label: t('common.lastDays', { n: 7 }), value: [dayjs().subtract(6, 'day').startOf('day'), dayjs().endOf('day')] },
          ]}
          onChange={(v) => {
            set('from', v?.[0]?.toISOString());
            set('to', v?.[1]?.toISOString());
          }}
        />
        <Select
          allowClear
          aria-label={t('calls.result')}
          placeholder={t('calls.result')}
          style={{ width: 150 }}
          value={filter.result}
          onChange={(v) => set('result', v)}
          options={results.map((r) => ({ value: r, label: t(`calls.${r}`) }))}
        />
        {wide ? <Seek label={t('calls.number')} max={60} value={filter.number} onSearch={(v) => set('number', v)} /> : null}
        <PickQueue label={t('calls.queue')} value={filter.queue} onChange={(v) => set('queue', v)} />
        {wide ? <PickAgent label={t('calls.agent')} value={filter.agent} onChange={(v) => set('agent', v)} /> : null}
        <More count={seldom.filter((k) => filter[k]).length}>
          <Select
            allowClear
            aria-label={t('calls.direction')}
            placeholder={t('calls.direction')}
            style={{ width: 220 }}
            value={filter.direction}
            onChange={(v) => set('direction', v)}
            options={(['in', 'out', 'internal'] as const).map((d) => ({ value: d, label: t(`calls.${d}`) }))}
          />
          <Seek label={t('calls.called')} max={60} width={220} value={filter.did} onSearch={(v) => set('did', v)} />
          <Seek label={t('calls.region')} max={60} width={220} value={filter.region} onSearch={(v) => set('region', v)} />
          <Seek label={t('calls.topic')} max={60} width={220} value={filter.topic} onSearch={(v) => set('topic', v)} />
        </More>
        <Button onClick={clear}>{t('act.reset')}</Button>
      </Flex>
      <Ask query={query}>
        {(data) => (
          <CallTable
            calls={data.pages.flatMap((p) => p.calls ?? [])}
            loading={query.isFetching && !query.isFetchingNextPage}
            narrowed={Object.keys(chosen).length > 0}
            sort={sort}
            onSort={(s) => set('sort', s)}
            more={query.hasNextPage ? () => void query.fetchNextPage() : undefined}
          />
        )}
      </Ask>
    </Page>
  );
}
