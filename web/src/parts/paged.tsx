import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Flex, Input, Table, type TableColumnsType } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Ask, Nothing } from './ask';
import { sortOf } from './sorting';

const perPage = 50;

// Asked is what a page of a list is asked for; all of it is the server's work.
export interface Asked {
  search?: string;
  sort?: string; // the key of a column, with - before it for the largest first
  offset: number;
  limit: number;
}

interface Props<T> {
  name: unknown[]; // of the query, with all filters: another one begins at the first page
  load: (asked: Asked) => Promise<{ rows: T[]; total: number }>;
  columns: TableColumnsType<T>; // those with sorter: true are sorted by their key
  rowKey: string | ((row: T) => string);
  filtered?: boolean; // filters beside narrow the list: then an empty one has lines elsewhere
  none: string; // of an empty list
  search?: string; // what is searched, said in the box
  wide?: boolean; // it has more columns than a page is wide
  hint?: string; // what to do about it
  every?: number; // ms after which it is asked again
  beside?: ReactNode; // filters, next to the search box
  actions?: ReactNode; // at the far end
}

// Paged is a list that the server searches, sorts and pages.
export function Paged<T extends object>({
  name,
  load,
  columns,
  rowKey,
  filtered,
  none,
  search: sought,
  wide,
  hint,
  every,
  beside,
  actions,
}: Props<T>) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<string>();
  const of = JSON.stringify(name);
  const [at, turn] = useState({ of, page: 1 });
  const page = at.of === of ? at.page : 1;
  const asked: Asked = { search: search || undefined, sort, offset: (page - 1) * perPage, limit: perPage };
  const query = useQuery({
    queryKey: [...name, asked],
    queryFn: () => load(asked),
    placeholderData: keepPreviousData,
    refetchInterval: every,
  });
  const narrowed = search !== '' || filtered;
  return (
    <>
      <Flex gap={8} style={{ marginBottom: 12 }} role="search" wrap>
        <Input.Search
          allowClear
          style={{ width: sought ? 300 : 260 }}
          maxLength={100}
          placeholder={sought ?? t('act.search')}
          aria-label={t('act.search')}
          onSearch={(v) => {
            setSearch(v.trim());
            turn({ of, page: 1 });
          }}
        />
        {beside}
        <span style={{ flex: 1 }} />
        {actions}
      </Flex>
      <Ask query={query}>
        {(data) => (
          <Table<T>
            size="small"
            rowKey={rowKey}
            loading={query.isFetching && query.isPlaceholderData}
            scroll={wide ? { x: 'max-content' } : undefined}
            dataSource={data.rows}
            columns={columns}
            locale={{ emptyText: <Nothing text={narrowed ? t('common.noMatch') : none} hint={narrowed ? undefined : hint} /> }}
            pagination={{
              current: page,
              pageSize: perPage,
              total: data.total,
              hideOnSinglePage: true,
              showSizeChanger: false,
              showTotal: (n) => t('common.of', { n }),
            }}
            onChange={(p, _, s) => {
              turn({ of, page: p.current ?? 1 });
              setSort(sortOf(s));
            }}
          />
        )}
      </Ask>
    </>
  );
}
