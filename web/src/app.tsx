import { Result, Spin } from 'antd';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate, Route, Routes, useLocation } from 'react-router';
import { may, type Role } from './api/client';
import { Here, useNewTab } from './live';
import { Boundary } from './parts/boundary';
import { Telephone } from './phone/phone';
import { Door } from './screens/door';
import { First } from './screens/first';
import { Password } from './screens/password';
import { Session, useMe } from './session';
import { Shell } from './shell';

const Desk = lazy(() => import('./screens/desk'));
const Wallboard = lazy(() => import('./screens/wallboard'));
const Agents = lazy(() => import('./screens/agents'));
const Live = lazy(() => import('./screens/live'));
const Callbacks = lazy(() => import('./screens/callbacks'));
const Devices = lazy(() => import('./screens/devices'));
const Calls = lazy(() => import('./screens/calls'));
const OneCall = lazy(() => import('./screens/call'));
const Tickets = lazy(() => import('./screens/tickets'));
const Reports = lazy(() => import('./screens/reports'));
const Network = lazy(() => import('./screens/network'));
const Routing = lazy(() => import('./screens/routing'));
const Start = lazy(() => import('./screens/admin/start'));
const Queues = lazy(() => import('./screens/admin/queues'));
const People = lazy(() => import('./screens/admin/people'));
const Phones = lazy(() => import('./screens/admin/phones'));
const Numbers = lazy(() => import('./screens/admin/numbers'));
const Trunks = lazy(() => import('./screens/admin/trunks'));
const RoutesPage = lazy(() => import('./screens/admin/routes'));
const Calendars = lazy(() => import('./screens/admin/calendars'));
const Callers = lazy(() => import('./screens/admin/callers'));
const Flows = lazy(() => import('./screens/admin/flows'));
const FlowEditor = lazy(() => import('./screens/flow/editor'));
const Prompts = lazy(() => import('./screens/admin/prompts'));
const Versions = lazy(() => import('./screens/admin/versions'));
const Tokens = lazy(() => import('./screens/tokens'));
const Audit = lazy(() => import('./screens/audit'));
const System = lazy(() => import('./screens/system'));

// screens are the pages behind the sign-in, each with the least role that may see it.
const screens: { path: string; role: Role; screen: React.ComponentType }[] = [
  { path: 'desk', role: 'agent', screen: Desk },
  { path: 'devices', role: 'agent', screen: Devices },
  { path: 'calls', role: 'agent', screen: Calls },
  { path: 'calls/:id', role: 'agent', screen: OneCall },
  { path: 'tickets', role: 'agent', screen: Tickets },
  { path: 'tickets/:id', role: 'agent', screen: Tickets },
  { path: 'wallboard', role: 'supervisor', screen: Wallboard },
  { path: 'agents', role: 'supervisor', screen: Agents },
  { path: 'live', role: 'supervisor', screen: Live },
  { path: 'callbacks', role: 'supervisor', screen: Callbacks },
  { path: 'reports', role: 'supervisor', screen: Reports },
  { path: 'network', role: 'supervisor', screen: Network },
  { path: 'routing', role: 'supervisor', screen: Routing },
  { path: 'config/start', role: 'admin', screen: Start },
  { path: 'config/queues', role: 'admin', screen: Queues },
  { path: 'config/people', role: 'admin', screen: People },
  { path: 'config/phones', role: 'admin', screen: Phones },
  { path: 'config/numbers', role: 'admin', screen: Numbers },
  { path: 'config/trunks', role: 'admin', screen: Trunks },
  { path: 'config/routes', role: 'admin', screen: RoutesPage },
  { path: 'config/calendars', role: 'admin', screen: Calendars },
  { path: 'config/callers', role: 'admin', screen: Callers },
  { path: 'config/flows', role: 'admin', screen: Flows },
  { path: 'config/flows/edit', role: 'admin', screen: FlowEditor },
  { path: 'config/prompts', role: 'admin', screen: Prompts },
  { path: 'config/versions', role: 'admin', screen: Versions },
  { path: 'tokens', role: 'admin', screen: Tokens },
  { path: 'audit', role: 'admin', screen: Audit },
  { path: 'system', role: 'agent', screen: System },
];

function Inside() {
  const me = useMe();
  const tab = useNewTab();
  const { pathname } = useLocation();
  const home = me.agent || !may(me, 'supervisor') ? '/desk' : '/wallboard';
  const shell = (
    <Shell>
      <Boundary at={pathname}>
        <Suspense fallback={<Spin style={{ margin: 48 }} />}>
          <Routes>
            <Route index element={<Navigate to={home} replace />} />
            {screens
              .filter((s) => may(me, s.role))
              .map((s) => (
                <Route key={s.path} path={s.path} element={<s.screen />} />
              ))}
            <Route path="*" element={<Lost />} />
          </Routes>
        </Suspense>
      </Boundary>
    </Shell>
  );
  return <Here value={tab}>{me.agent ? <Telephone>{shell}</Telephone> : shell}</Here>;
}

function Lost() {
  const { t } = useTranslation();
  return <Result status="404" title={t('app.notFound')} extra={<Link to="/">{t('app.back')}</Link>} />;
}

// Screens are all there is to see: the one-time link, the door, and what is behind it.
export function Screens() {
  return (
    <Routes>
      <Route path="/first-admin" element={<First />} />
      <Route path="/password" element={<Password />} />
      <Route
        path="*"
        element={
          <Session door={<Door />} waiting={<Spin fullscreen />}>
            <Inside />
          </Session>
        }
      />
    </Routes>
  );
}
