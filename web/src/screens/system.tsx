import { useQuery } from '@tanstack/react-query';
import { Badge, Card, Descriptions } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, take } from '../api/client';
import { Ask } from '../parts/ask';
import { Page } from '../parts/page';

// System says what runs here.
export default function System() {
  const { t } = useTranslation();
  const query = useQuery({ queryKey: ['version'], queryFn: () => take(api.GET('/api/v1/version')), refetchInterval: 5_000 });
  return (
    <Page title={t('system.title')}>
      <Card size="small">
        <Ask query={query}>
          {(v) => (
            <Descriptions
              size="small"
              column={1}
              items={[
                { key: 'v', label: t('system.version'), children: v.version },
                {
                  key: 'r',
                  label: t('system.ready'),
                  children: <Badge status={v.ready ? 'success' : 'error'} text={v.ready ? t('common.yes') : t('system.notReady')} />,
                },
                { key: 'l', label: t('system.live'), children: v.live },
                { key: 'a', label: t('system.api'), children: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a> },
              ]}
            />
          )}
        </Ask>
      </Card>
    </Page>
  );
}
