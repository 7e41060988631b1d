import 'antd/dist/reset.css';
import './style.css';
import './floor.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { ConfigProvider, App as Messages } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { useTranslation } from 'react-i18next';
import { BrowserRouter } from 'react-router';
import { Problem } from './api/client';
import { Screens } from './app';
import { ready } from './i18n';
import { look, useDark } from './look';
import { Boundary } from './parts/boundary';

const client = new QueryClient({
  defaultOptions: {
    queries: { retry: (n, err) => n < 2 && (!(err instanceof Problem) || err.status >= 500), refetchOnWindowFocus: true, staleTime: 1_000 },
  },
});

function Root() {
  const [dark] = useDark();
  const { i18n } = useTranslation();
  return (
    <ConfigProvider button={{ autoInsertSpace: false }} theme={look(dark)} locale={i18n.language === 'zh' ? zhCN : enUS}>
      <Messages>
        <BrowserRouter>
          <Boundary at="">
            <Screens />
          </Boundary>
        </BrowserRouter>
      </Messages>
    </ConfigProvider>
  );
}

await ready;
const place = document.getElementById('root');
if (place)
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <Root />
      </QueryClientProvider>
    </StrictMode>,
  );
