import {
  ApartmentOutlined,
  ApiOutlined,
  AudioOutlined,
  AuditOutlined,
  BarChartOutlined,
  BranchesOutlined,
  ClockCircleOutlined,
  CloudServerOutlined,
  ContactsOutlined,
  CustomerServiceOutlined,
  DashboardOutlined,
  FileTextOutlined,
  ForkOutlined,
  HistoryOutlined,
  IdcardOutlined,
  KeyOutlined,
  MobileOutlined,
  MoonOutlined,
  NumberOutlined,
  PhoneOutlined,
  RetweetOutlined,
  RocketOutlined,
  SafetyOutlined,
  SettingOutlined,
  SoundOutlined,
  SunOutlined,
  TeamOutlined,
  TranslationOutlined,
  UnorderedListOutlined,
  UserOutlined,
} from '@ant-design/icons';
import { Button, Dropdown, Flex, Layout, Menu, type MenuProps, Tooltip } from 'antd';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { may, type Role } from './api/client';
import { type Language, setLanguage } from './i18n';
import { useLost } from './live';
import { useDark } from './look';
import { AlarmBell } from './parts/alarms';
import { stamp } from './parts/time';
import { PhoneBar } from './phone/bar';
import { useKeyHelp } from './phone/sheet';
import { Following } from './screens/follow';
import { Messages } from './screens/messages';
import { StateSwitch } from './screens/stateswitch';
import { useMe, useSignOut } from './session';

type Group = 'work' | 'supervise' | 'configure' | 'administer';
type Place =
  | 'config/start'
  | 'config/queues'
  | 'config/people'
  | 'config/phones'
  | 'config/numbers'
  | 'config/trunks'
  | 'config/routes'
  | 'config/calendars'
  | 'config/callers'
  | 'config/flows'
  | 'config/prompts'
  | 'config/versions'
  | 'desk'
  | 'devices'
  | 'calls'
  | 'tickets'
  | 'wallboard'
  | 'agents'
  | 'live'
  | 'callbacks'
  | 'reports'
  | 'network'
  | 'routing'
  | 'tokens'
  | 'audit'
  | 'system';

const places: { group: Group; place: Place; role: Role; icon: ReactNode }[] = [
  { group: 'work', place: 'desk', role: 'agent', icon: <CustomerServiceOutlined /> },
  { group: 'work', place: 'calls', role: 'agent', icon: <HistoryOutlined /> },
  { group: 'work', place: 'tickets', role: 'agent', icon: <FileTextOutlined /> },
  { group: 'work', place: 'devices', role: 'agent', icon: <AudioOutlined /> },
  { group: 'supervise', place: 'wallboard', role: 'supervisor', icon: <DashboardOutlined /> },
  { group: 'supervise', place: 'agents', role: 'supervisor', icon: <TeamOutlined /> },
  { group: 'supervise', place: 'live', role: 'supervisor', icon: <PhoneOutlined /> },
  { group: 'supervise', place: 'callbacks', role: 'supervisor', icon: <RetweetOutlined /> },
  { group: 'supervise', place: 'reports', role: 'supervisor', icon: <BarChartOutlined /> },
  { group: 'administer', place: 'network', role: 'supervisor', icon: <ContactsOutlined /> },
  { group: 'administer', place: 'routing', role: 'supervisor', icon: <BranchesOutlined /> },
  { group: 'configure', place: 'config/start', role: 'admin', icon: <RocketOutlined /> },
  { group: 'configure', place: 'config/queues', role: 'admin', icon: <UnorderedListOutlined /> },
  { group: 'configure', place: 'config/people', role: 'admin', icon: <IdcardOutlined /> },
  { group: 'configure', place: 'config/phones', role: 'admin', icon: <MobileOutlined /> },
  { group: 'configure', place: 'config/numbers', role: 'admin', icon: <NumberOutlined /> },
  { group: 'configure', place: 'config/trunks', role: 'admin', icon: <CloudServerOutlined /> },
  { group: 'configure', place: 'config/routes', role: 'admin', icon: <ForkOutlined /> },
  { group: 'configure', place: 'config/calendars', role: 'admin', icon: <ClockCircleOutlined /> },
  { group: 'configure', place: 'config/callers', role: 'admin', icon: <SafetyOutlined /> },
  { group: 'configure', place: 'config/flows', role: 'admin', icon: <ApartmentOutlined /> },
  { group: 'configure', place: 'config/prompts', role: 'admin', icon: <SoundOutlined /> },
  { group: 'configure', place: 'config/versions', role: 'admin', icon: <HistoryOutlined /> },
  { group: 'administer', place: 'tokens', role: 'admin', icon: <ApiOutlined /> },
  { group: 'administer', place: 'audit', role: 'admin', icon: <AuditOutlined /> },
  { group: 'administer', place: 'system', role: 'agent', icon: <SettingOutlined /> },
];

function useMenu(): MenuProps['items'] {
  const { t } = useTranslation();
  const me = useMe();
  return (['work', 'supervise', 'configure', 'administer'] as const)
    .map((group) => ({
      type: 'group' as const,
      key: group,
      label: t(`nav.${group}`),
      children: places
        .filter((p) => p.group === group && may(me, p.role))
        .map((p) => ({
          key: p.place,
          icon: p.icon,
          label: <Link to={`/${p.place}`}>{t(`nav.${p.place.replace('config/', 'config_')}`)}</Link>,
        })),
    }))
    .filter((g) => g.children.length > 0);
}

// Shell is the frame of every screen behind the sign-in: where to go, one's own state, and who one is.
export function Shell({ children }: { children: ReactNode }) {
  const items = useMenu();
  const [dark] = useDark();
  const [narrow, setNarrow] = useState(false);
  const path = useLocation().pathname.split('/');
  const at = path[1] === 'config' ? `config/${path[2]}` : (path[1] ?? '');
  const nav = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page has another line of the menu
  useEffect(() => {
    nav.current?.querySelector('.ant-menu-item-selected')?.scrollIntoView({ block: 'nearest' }); // some browsers answer with a promise
  }, [at]);
  return (
    <Layout style={{ minHeight: '100%' }}>
      <Layout.Sider
        theme={dark ? 'dark' : 'light'}
        width={176}
        collapsible
        collapsed={narrow}
        onCollapse={setNarrow}
        breakpoint="lg"
        collapsedWidth={56}
      >
        <Flex align="center" gap={8} style={{ padding: '10px 14px', height: 44 }}>
          <img src="/icon.svg" width={24} height={24} alt="" />
          {narrow ? null : <b>Hotline</b>}
        </Flex>
        <nav ref={nav}>
          <Menu mode="inline" theme={dark ? 'dark' : 'light'} selectedKeys={[at]} items={items} style={{ borderInlineEnd: 0 }} />
        </nav>
      </Layout.Sider>
      <Layout>
        <Bar />
        <Layout.Content>
          <PhoneBar />
          <Following />
          {children}
        </Layout.Content>
      </Layout>
      <Lost />
    </Layout>
  );
}

// Lost says, over every page and a wallboard that fills the screen, that what is shown has grown old.
function Lost() {
  const { t } = useTranslation();
  const at = useLost();
  return (
    <div role="alert" className={at ? 'lost' : undefined}>
      {at ? t('app.lost', { at: stamp(new Date(at).toISOString()) }) : null}
    </div>
  );
}

function Bar() {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const signOut = useSignOut();
  const [dark, setDark] = useDark();
  const [sheet, openSheet] = useKeyHelp();
  const languages: { key: Language; label: string }[] = [
    { key: 'zh', label: '中文' },
    { key: 'en', label: 'English' },
  ];
  return (
    <Layout.Header
      style={{
        height: 44,
        lineHeight: 'normal',
        padding: '0 16px',
        borderBottom: '1px solid rgba(128,128,128,.18)',
      }}
    >
      <Flex align="center" justify="flex-end" gap={8} style={{ height: '100%' }}>
        <span style={{ flex: 1 }}>{me.agent ? <StateSwitch agent={me.agent} keys /> : null}</span>
        {me.agent ? <Messages /> : null}
        {me.agent ? (
          <Tooltip title={t('work.keysHelp')}>
            <Button type="text" icon={<KeyOutlined />} onClick={openSheet} aria-label={t('work.keysHelp')} />
          </Tooltip>
        ) : null}
        {sheet}
        {may(me, 'supervisor') ? <AlarmBell /> : null}
        <Dropdown
          menu={{ items: languages, selectable: true, selectedKeys: [i18n.language], onClick: (e) => void setLanguage(e.key as Language) }}
        >
          <Button type="text" icon={<TranslationOutlined />} aria-label={t('common.language')} />
        </Dropdown>
        <Tooltip title={dark ? t('common.light') : t('common.dark')}>
          <Button
            type="text"
            icon={dark ? <SunOutlined /> : <MoonOutlined />}
            onClick={() => setDark(!dark)}
            aria-label={t('common.theme')}
          />
        </Tooltip>
        <Dropdown menu={{ items: [{ key: 'out', label: t('act.signOut'), onClick: signOut }] }}>
          <Button type="text" icon={<UserOutlined />}>
            {me.name} <span className="quiet">{t(`role.${me.role}`)}</span>
          </Button>
        </Dropdown>
      </Flex>
    </Layout.Header>
  );
}
