import { Alert, Button, Empty, Skeleton } from 'antd';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Spoken } from '../api/client';

interface Answer<T> {
  data?: T;
  error: Error | null;
  isPending: boolean;
  refetch: () => unknown;
}

// Failed is what went wrong, in the language that the page speaks now.
function Failed({ error, again }: { error: Error | null; again: () => unknown }) {
  const { t, i18n } = useTranslation();
  const [sentence, say] = useState(error?.message);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another language has another sentence
  useEffect(() => {
    let asked = true;
    const put = (text?: string) => asked && say(text);
    if (error instanceof Spoken) void error.anew().then(put);
    else put(error?.message);
    return () => {
      asked = false;
    };
  }, [error, i18n.language]);
  return (
    <Alert
      type="error"
      showIcon
      title={t('common.failed')}
      description={sentence}
      action={<Button onClick={() => again()}>{t('act.refresh')}</Button>}
    />
  );
}

// Ask shows what a query has: its data, a skeleton while it is on its way, or what went wrong with a button to try again.
export function Ask<T>({ query, children }: { query: Answer<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isPending) return <Skeleton active paragraph={{ rows: 4 }} />;
  return <Failed error={query.error} again={query.refetch} />;
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
