import { useInfiniteQuery } from '@tanstack/react-query';
import { Button, Flex, Input, Table } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, take } from '../api/client';
import { Ask, Nothing } from '../parts/ask';
import { Page } from '../parts/page';
import { stamp } from '../parts/time';

// Audit is who did what, the newest first.
export default function Audit() {
  const { t } = useTranslation();
  const [what, setWhat] = useState('');
  const [object, setObject] = useState('');
  const query = useInfiniteQuery({
    queryKey: ['audit', what, object],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      take(
        api.GET('/api/v1/audit', {
          params: { query: { what: what || undefined, object: object || undefined, before: pageParam || undefined, limit: 100 } },
        }),
      ),
    getNextPageParam: (page) => page.next,
  });
  return (
    <Page title={t('audit.title')} extra={<Button onClick={() => query.refetch()}>{t('act.refresh')}</Button>}>
      <Flex gap={8} style={{ marginBottom: 12 }} role="search">
        <Input.Search
          allowClear
          style={{ width: 200 }}
          maxLength={100}
          placeholder={`${t('audit.what')}: recording.listen`}
          aria-label={t('audit.what')}
          onSearch={(v) => setWhat(v.trim())}
        />
        <Input.Search
          allowClear
          style={{ width: 260 }}
          maxLength={200}
          placeholder={t('audit.object')}
          aria-label={t('audit.object')}
          onSearch={(v) => setObject(v.trim())}
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
            columns={[
              { title: t('common.time'), className: 'num', render: (_, l) => stamp(l.at) },
              { title: t('audit.who'), render: (_, l) => l.name || l.who },
              { title: t('audit.what'), dataIndex: 'what' },
              { title: t('audit.object'), dataIndex: 'object', className: 'mono' },
              { title: t('audit.detail'), dataIndex: 'detail', ellipsis: true },
              { title: t('audit.source'), dataIndex: 'source', className: 'num' },
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
