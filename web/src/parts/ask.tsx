import { Alert, Button, Empty, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Answer<T> {
  data?: T;
  error: Error | null;
  isPending: boolean;
  refetch: () => unknown;
}

// Ask shows what a query has: its data, a skeleton while it is on its way, or what went wrong with a button to try again.
export function Ask<T>({ query, children }: { query: Answer<T>; children: (data: T) => ReactNode }) {
  const { t } = useTranslation();
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isPending) return <Skeleton active paragraph={{ rows: 4 }} />;
  return (
    <Alert
      type="error"
      showIcon
      title={t('common.failed')}
      description={query.error?.message}
      action={<Button onClick={() => query.refetch()}>{t('act.refresh')}</Button>}
    />
  );
}

// Nothing says that a list is empty, and what to do about it.
export function Nothing({ text, hint }: { text: string; hint?: string }) {
  return (
    <Empty
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      description={
        <>
          {text}
          {hint ? <div className="quiet">{hint}</div> : null}
        </>
      }
    />
  );
}
