import { Button, Flex, Input, Table, type TableColumnsType } from 'antd';
import { type ReactNode, useState } from 'react';
import { Ask, Nothing } from '../../parts/ask';
import { type Kept, type Kind, useItems } from './config';
import { useWords } from './words';

const perPage = 50;

export interface Column {
  name: string; // the field that the server sorts by
  title: string;
  render?: (item: Record<string, unknown>, kept: Kept) => ReactNode;
  width?: number;
  unsorted?: boolean; // it is no field of the item
}

// said is a field's value as a table shows it.
export const said = (v: unknown): ReactNode => (Array.isArray(v) ? v.join(', ') : v === undefined || v === '' ? '–' : String(v));

interface Props {
  kind: Kind;
  columns: Column[];
  where?: string[];
  onOpen: (kept: Kept) => void;
  onAdd?: () => void;
  beside?: ReactNode; // of the search box
}

// Items is a list that the server searches, sorts and pages; a click on a line opens it.
export function Items({ kind, columns, where, onOpen, onAdd, beside }: Props) {
  const t = useWords();
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<string>();
  const [page, setPage] = useState(1);
  const query = useItems(kind, { search: search || undefined, where, sort, offset: (page - 1) * perPage, limit: perPage });
  const first = columns[0]?.name;
  const shown: TableColumnsType<Kept> = columns.map((c) => ({
    key: c.name,
    title: c.title,
    width: c.width,
    sorter: !c.unsorted,
    render: (_: unknown, kept: Kept) => {
      const text = c.render ? c.render(kept.item, kept) : said(kept.item[c.name]);
      return c.name === first ? (
        <Button type="link" size="small" style={{ padding: 0 }} onClick={() => onOpen(kept)}>
          {text}
        </Button>
      ) : (
        text
      );
    },
  }));
  return (
    <>
      <Flex gap={8} style={{ marginBottom: 12 }} role="search" wrap>
        <Input.Search
          allowClear
          style={{ width: 260 }}
          maxLength={100}
          placeholder={t('common.search')}
          aria-label={t('common.search')}
          onSearch={(v) => {
            setSearch(v.trim());
            setPage(1);
          }}
        />
        {beside}
        <span style={{ flex: 1 }} />
        {onAdd ? (
          <Button type="primary" onClick={onAdd}>
            {t(`${kind}.new`)}
          </Button>
        ) : null}
      </Flex>
      <Ask query={query}>
        {(data) => (
          <Table
            size="small"
            rowKey="id"
            loading={query.isFetching && query.isPlaceholderData}
            dataSource={data.items}
            columns={shown}
            locale={{
              emptyText: (
                <Nothing text={search ? t('common.notFound') : t(`${kind}.none`)} hint={search ? undefined : t(`${kind}.none_hint`)} />
              ),
            }}
            pagination={{
              current: page,
              pageSize: perPage,
              total: data.total,
              hideOnSinglePage: true,
              showSizeChanger: false,
              showTotal: (n) => t('common.total', { n }),
            }}
            onChange={(p, _, s) => {
              setPage(p.current ?? 1);
              const one = Array.isArray(s) ? s[0] : s;
              setSort(one?.order ? (one.order === 'descend' ? '-' : '') + String(one.columnKey) : undefined);
            }}
          />
        )}
      </Ask>
    </>
  );
}
