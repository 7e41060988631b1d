// Looks at every screen in a real browser for internal/e2e: one command a line on standard input, one line of JSON for each on standard
// output. Usage: node screens.mjs PAGES CHROMIUM
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const [, , pages, executablePath] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--autoplay-policy=no-user-gesture-required', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
    '--allow-loopback-in-peer-connection',
  ],
});
const errors = [];
const tabs = {}; // by who looks

// still keeps what moves from being half way.
const still = () => {
  const style = document.createElement('style');
  style.textContent = '*, *::before, *::after { animation-duration: 1ms !important; animation-delay: 0s !important; animation-iteration-count: 1 !important; transition: none !important; }';
  document.addEventListener('DOMContentLoaded', () => document.head.append(style));
};

async function browse() {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN', permissions: ['microphone'] });
  await context.addInitScript(still);
  await context.addInitScript(axe);
  await context.addInitScript(() => {
    if (!localStorage.getItem('hotline.language')) localStorage.setItem('hotline.language', 'zh');
  });
  return context;
}

async function open(who, context) {
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  page.on('pageerror', (err) => errors.push(`${page.url()}: ${err}`));
  tabs[who] = page;
  return page;
}

// quiet waits until a screen has what it asked for.
async function quiet(page) {
  await page.locator('#root h1, #root form, #root .ant-result, main').first().waitFor();
  const busy = '.ant-skeleton, .ant-spin-spinning, [aria-busy=true], .ant-spin-fullscreen, [class*="-appear-"]:not([role=alert]), [class*="-enter-"]';
  await page
    .waitForFunction((css) => !document.querySelector(css), busy)
    .catch(async (e) => {
      const left = await page.evaluate((css) => [...document.querySelectorAll(css)].map((x) => x.outerHTML.slice(0, 200)), busy);
      throw new Error(`still busy: ${left.join(' ')}`, { cause: e });
    });
}

// cut takes the server away from a page that beside opened.
const everything = '**/api/**';
async function cut(page) {
  await page.route(everything, (route) => route.abort());
  await page.evaluate(() => window.cut());
  await page.locator('.lost').waitFor();
}

// settle waits until what moves or is drawn by steps has come to rest.
const settle = (page) => page.evaluate(() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 200)));
const first = (css) => (page) => page.locator(css).first().click();
const word = (text) => (page) => page.getByText(text).first().waitFor();
const seen = (css) => (page) => page.locator(css).first().waitFor();
const inDrawer = seen('.ant-drawer-body');
const inModal = seen('.ant-modal-body');
const online = seen('.callbar .ant-tag-green');
// rings waits until the server knows that whoever looks can be rung: just after a page was loaded anew it does not.
const rings = async (page) => {
  await page.locator('.ant-layout-header .ant-tag').waitFor();
  await page.locator('.ant-layout-header').filter({ hasNotText: '话机不在线' }).waitFor();
};
const line = '.ant-table-row .ant-btn-link';
const add = '[role=search] .ant-btn-primary';
const bell = '.ant-layout-header button:has(.anticon-bell)';

// all are the screens: who looks, where, what is opened there, and at which moment of the day, where that is not its evening. refused is what
// the server does not give, cut is where it is gone; anew: another language begins the page anew.
const all = ({ call, ticket, flow, link }) => [
  { name: 'first-admin-link', when: 'first', who: 'nobody', at: link },
  ...['desk', 'calls', 'tickets', 'wallboard', 'agents', 'live', 'reports', 'network', 'routing', 'tokens', 'audit', 'system'].map((at) => ({
    name: `empty-${at}`, when: 'empty', who: 'admin', at: `/${at}`,
  })),
  ...['start', 'queues', 'people', 'phones', 'numbers', 'trunks', 'routes', 'calendars', 'callers', 'flows', 'prompts', 'versions'].map((at) => ({
    name: `empty-config-${at}`, when: 'empty', who: 'admin', at: `/config/${at}`,
  })),
  { name: 'start-agent', when: 'started', who: 'admin', at: '/config/start' },
  { name: 'start-call', when: 'begun', who: 'admin', at: '/config/start' },
  { name: 'desk-idle', when: 'idle', who: 'agent', at: '/desk', steps: [online] },
  { name: 'desk-states', when: 'idle', who: 'agent', at: '/desk', steps: [online, first('.ant-layout-header .ant-btn:has(.anticon-down)'), seen('.ant-dropdown-menu')] },
  { name: 'desk-keys', when: 'idle', who: 'agent', at: '/desk', steps: [first('.ant-layout-header button:has(.anticon-key)'), inModal] },
  { name: 'desk-messages', when: 'idle', who: 'agent', at: '/desk', steps: [first('.ant-layout-header button:has(.anticon-message)')] },
  { name: 'devices-idle', when: 'idle', who: 'agent', at: '/devices' },
  { name: 'desk-other-tab', when: 'elsewhere', who: 'other-tab', at: '/desk', steps: [word('声音在另一个标签页')] },
  { name: 'desk-lost', when: 'elsewhere', who: 'other-tab', at: '/desk', steps: [word('声音在另一个标签页')], cut: true },
  { name: 'desk-other-computer', when: 'elsewhere', who: 'other-computer', at: '/desk', steps: [inModal] },
  { name: 'desk-ringing', when: 'ringing', who: 'agent', at: '/desk', steps: [seen('.callbar .ant-btn-dangerous')] },
  { name: 'desk-talking', when: 'talking', who: 'agent', at: '/desk', steps: [seen('.callbar .anticon-inbox')] },
  { name: 'desk-keypad', when: 'talking', who: 'agent', at: '/desk', steps: [seen('.callbar .anticon-inbox'), first('.callbar button:has(.anticon-number)'), seen('.ant-popover')] },
  { name: 'desk-transfer', when: 'talking', who: 'agent', at: '/desk', steps: [first('.callbar button:has(.anticon-swap)'), inModal] },
  { name: 'live-supervisor', when: 'talking', who: 'supervisor', at: '/live', steps: [seen('.ant-table-row .anticon-sound'), online, rings] },
  { name: 'desk-held', when: 'held', who: 'agent', at: '/desk', steps: [seen('.callbar .anticon-play-circle'), first('.callbar button:has(.anticon-audio)'), seen('.callbar .anticon-audio-muted')] },
  { name: 'desk-watched', when: 'watched', who: 'agent', at: '/desk', steps: [seen('.callbar .anticon-inbox'), seen('.page .ant-tag-purple')] },
  { name: 'live-listening', when: 'watched', who: 'supervisor', at: '/live', steps: [seen('.ant-table-row .ant-segmented')] },
  { name: 'live-behind', when: 'watched', who: 'second', at: '/live', steps: [word('正在监听此坐席')] },
  { name: 'agents-followed', when: 'watched', who: 'second', at: '/agents', steps: [word('正在监听此坐席')] },
  { name: 'desk-wrap-up', when: 'wrap-up', who: 'agent', at: '/desk' },
  { name: 'desk-offline', when: 'offline', who: 'agent', at: '/desk', steps: [word('设备离线')] },
  { name: 'door', who: 'nobody', at: '/' },
  {
    name: 'door-refused', who: 'nobody', at: '/',
    steps: [(page) => page.fill('input[autocomplete=username]', 'desk'), (page) => page.fill('input[type=password]', 'no'), first('button[type=submit]'), seen('.ant-alert')],
  },
  { name: 'first-admin', who: 'nobody', at: '/first-admin#x' },
  { name: 'password', who: 'nobody', at: '/password' },
  { name: 'call-button', who: 'nobody', at: '/call' },
  { name: 'call-button-talking', who: 'nobody', at: '/call', steps: [first('hotline-call .call'), seen('hotline-call .key')] },
  { name: 'desk', who: 'agent', at: '/desk' },
  { name: 'agent-calls', who: 'agent', at: '/calls' },
  { name: 'agent-call', who: 'agent', at: `/calls/${call}` },
  { name: 'agent-tickets', who: 'agent', at: '/tickets' },
  { name: 'devices', who: 'agent', at: '/devices' },
  { name: 'wallboard', who: 'admin', at: '/wallboard' },
  { name: 'wallboard-full', who: 'admin', at: '/wallboard', steps: [first('.page-head button:has(.anticon-fullscreen)'), seen('.full')] },
  { name: 'wallboard-lost', who: 'other-board', at: '/wallboard', cut: true },
  { name: 'wallboard-limits', who: 'admin', at: '/wallboard', steps: [first('button:has(.anticon-bell):not(.ant-btn-text)'), inModal] },
  { name: 'wallboard-close', who: 'admin', at: '/wallboard', steps: [first('button:has(.anticon-stop)'), inModal] },
  { name: 'alarms', who: 'admin', at: '/wallboard', steps: [first(bell)] },
  { name: 'agents', who: 'admin', at: '/agents' },
  { name: 'agents-membership', who: 'admin', at: '/agents', steps: [first('.ant-table-row button:has(.anticon-edit)'), inModal], anew: true },
  { name: 'live', who: 'admin', at: '/live' },
  { name: 'live-move', who: 'admin', at: '/live', steps: [first('.ant-table-row button:has(.anticon-swap)'), inModal] },
  { name: 'callbacks', who: 'admin', at: '/callbacks' },
  { name: 'callback-new', who: 'admin', at: '/callbacks', steps: [first('.page-head button'), inModal] },
  { name: 'sent', who: 'admin', at: '/agents', steps: [first('.page-head button'), inDrawer] },
  { name: 'reports', who: 'admin', at: '/reports' },
  { name: 'reports-agents', who: 'admin', at: '/reports', steps: [(page) => page.getByRole('tab').nth(1).click()] },
  { name: 'reports-calls', who: 'admin', at: '/reports', steps: [first(line), inDrawer] },
  { name: 'calls', who: 'admin', at: '/calls' },
  { name: 'calls-filters', who: 'admin', at: '/calls?region=%E5%8C%97%E4%BA%AC', steps: [first('[role=search] .ant-badge button'), seen('.ant-popover')] },
  { name: 'calls-failed', who: 'admin', at: '/calls', refused: '**/api/v1/calls?*' },
  { name: 'call', who: 'admin', at: `/calls/${call}`, steps: [seen('.wave')] },
  { name: 'call-end', who: 'admin', at: `/calls/${call}`, steps: [seen('.wave'), (page) => page.evaluate(() => window.scrollTo(0, document.body.scrollHeight))] },
  { name: 'tickets', who: 'admin', at: '/tickets' },
  { name: 'ticket', who: 'admin', at: `/tickets/${ticket}`, steps: [inDrawer] },
  { name: 'ticket-new', who: 'admin', at: '/tickets', steps: [first('.page-head .ant-btn-primary'), seen('.ant-modal-body, .ant-drawer-body')] },
  { name: 'network', who: 'admin', at: '/network' },
  { name: 'routing', who: 'admin', at: '/routing', steps: [first('.page-head button')] },
  { name: 'start', who: 'admin', at: '/config/start' },
  { name: 'queues', who: 'admin', at: '/config/queues' },
  { name: 'queue', who: 'admin', at: '/config/queues', steps: [first(line), inDrawer] },
  { name: 'people', who: 'admin', at: '/config/people' },
  { name: 'person', who: 'admin', at: '/config/people', steps: [first(line), inDrawer] },
  { name: 'person-new', who: 'admin', at: '/config/people', steps: [first(add), inModal] },
  { name: 'phones', who: 'admin', at: '/config/phones' },
  { name: 'phone', who: 'admin', at: '/config/phones', steps: [first(line), inDrawer] },
  { name: 'numbers', who: 'admin', at: '/config/numbers' },
  { name: 'number', who: 'admin', at: '/config/numbers', steps: [first(line), inDrawer] },
  { name: 'trunks', who: 'admin', at: '/config/trunks' },
  { name: 'trunk', who: 'admin', at: '/config/trunks', steps: [first(line), inDrawer] },
  { name: 'routes', who: 'admin', at: '/config/routes' },
  { name: 'route', who: 'admin', at: '/config/routes', steps: [first(line), inDrawer] },
  { name: 'calendars', who: 'admin', at: '/config/calendars' },
  { name: 'calendar', who: 'admin', at: '/config/calendars', steps: [first(line), inDrawer] },
  { name: 'callers', who: 'admin', at: '/config/callers' },
  { name: 'flows', who: 'admin', at: '/config/flows' },
  { name: 'flow', who: 'admin', at: `/config/flows/edit?file=${flow}`, steps: [seen('.react-flow__node')] },
  { name: 'flow-node', who: 'admin', at: `/config/flows/edit?file=${flow}`, steps: [seen('.react-flow__node'), settle, first('.react-flow__node[data-id=menu]')] },
  { name: 'flow-try', who: 'admin', at: `/config/flows/edit?file=${flow}`, steps: [seen('.react-flow__node'), (page) => page.getByRole('tab').nth(1).click(), first('.flow-side .ant-btn-primary'), seen('.try-keys')] },
  { name: 'prompts', who: 'admin', at: '/config/prompts' },
  { name: 'prompt-new', who: 'admin', at: '/config/prompts', steps: [first(add), inModal] },
  { name: 'versions', who: 'admin', at: '/config/versions' },
  { name: 'version', who: 'admin', at: '/config/versions', steps: [first(line), inDrawer] },
  { name: 'tokens', who: 'admin', at: '/tokens' },
  { name: 'token-new', who: 'admin', at: '/tokens', steps: [first('.page-head .ant-btn-primary'), inModal] },
  { name: 'audit', who: 'admin', at: '/audit' },
  { name: 'system', who: 'admin', at: '/system' },
  { name: 'lost', who: 'admin', at: '/nowhere' },
];

// chosen are the screens of a moment; names leaves only those, null none out.
const chosen = (ids, names, when) => all(ids).filter((s) => (s.when ?? 'evening') === when && (!names || names.includes(s.name)));

// turn makes a page speak a language, and light or dark, as if that had been chosen in another tab.
async function turn(page, language, dark) {
  await page.evaluate(
    (chosen) => {
      for (const [key, newValue] of chosen) {
        localStorage.setItem(key, newValue);
        window.dispatchEvent(new StorageEvent('storage', { key, newValue }));
      }
    },
    [['hotline.language', language], ['hotline.dark', dark ? 'yes' : 'no']],
  );
}

// go opens a screen, in Chinese and light.
async function go(screen) {
  const page = tabs[screen.who];
  await page.bringToFront(); // only who is in front may fill the screen
  await turn(page, 'zh', false);
  if (screen.refused) await page.route(screen.refused, (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"status":503}' }));
  if (screen.cut) await page.unroute(everything);
  await page.goto(new URL(screen.at, pages).href);
  await quiet(page);
  for (const step of screen.steps ?? []) await step(page);
  if (screen.cut) await cut(page);
  await quiet(page);
  if (screen.refused) await page.unroute(screen.refused);
  return page;
}

const wide = (page, width) => page.setViewportSize({ width, height: width === 1366 ? 768 : 1080 });

// wrong is what axe finds that keeps people out, a line each. Where it stands is asked only where something is.
const wrong = (page, only) =>
  page.evaluate(async (values) => {
    const options = {
      resultTypes: ['violations'],
      preload: false,
      runOnly: values ? { type: 'rule', values } : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] },
    };
    const serious = (found) => found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
    const rules = serious(await window.axe.run(document, { ...options, selectors: false })).map((v) => v.id);
    if (rules.length === 0) return [];
    return serious(await window.axe.run(document, { ...options, runOnly: { type: 'rule', values: rules } })).map((v) => {
      const nodes = v.nodes.slice(0, 4).map((n) => `${n.target.join(' ')} ${(n.any[0]?.message ?? '').slice(0, 120)}`);
      return `${v.id} (${v.nodes.length}): ${nodes.join(' | ')}`;
    });
  }, only);

const contrast = ['color-contrast']; // all that can differ in the dark

const commands = {
  async signIn(who, login, password) {
    const page = await open(who, await browse());
    await page.goto(pages);
    if (!login) return;
    await page.fill('input[autocomplete=username]', login);
    await page.fill('input[type=password]', password);
    await page.click('button[type=submit]');
    await page.locator('.page').first().waitFor();
  },
  // beside opens another page of somebody's browser, from which the server can be taken away.
  async beside(who, name) {
    const page = await open(name, tabs[who].context());
    await page.addInitScript(() => {
      const sockets = [];
      let gone = false;
      window.WebSocket = class extends WebSocket {
        constructor(...args) {
          super(...args);
          if (gone) this.close();
          else sockets.push(this);
        }
      };
      window.cut = () => {
        gone = true;
        for (const s of sockets) s.close();
      };
    });
    await page.goto(pages);
    await page.locator('.page').first().waitFor();
  },
  async close(who) {
    await tabs[who].close();
    delete tabs[who];
  },
  // connect makes a tab a telephone.
  async connect(who) {
    await tabs[who].getByRole('button', { name: '连接耳机' }).click();
    await tabs[who].getByText('软电话在线').waitFor();
  },
  async disconnect(who) {
    await tabs[who].getByRole('button', { name: '断开耳机' }).click();
    await tabs[who].getByRole('button', { name: '连接耳机' }).waitFor();
  },
  // press clicks a button, as soon as it is there.
  async press(who, name) {
    await tabs[who].getByRole('button', { name }).first().click();
  },
  // persist presses a button until a text is there: a telephone that a busy machine answers too late is asked again.
  async persist(who, name, text) {
    for (let i = 0; ; i++) {
      await tabs[who].locator('.page').getByRole('button', { name }).first().click(); // not what the header and the bar say of it
      try {
        await tabs[who].getByText(text).first().waitFor({ timeout: 45_000 });
        return;
      } catch (err) {
        if (i === 3) throw err;
      }
    }
  },
  async sees(who, text) {
    await tabs[who].getByText(text).first().waitFor();
  },
  // visit opens a page, in Chinese.
  async visit(who, path) {
    await tabs[who].evaluate(() => localStorage.setItem('hotline.language', 'zh'));
    await tabs[who].goto(new URL(path, pages).href);
  },
  // fill writes into fields, by their labels in Chinese.
  async fill(who, fields) {
    for (const [label, text] of Object.entries(fields)) await tabs[who].getByLabel(label, { exact: true }).fill(text);
  },
  // check looks for what keeps people out of the screens of a moment, in light and in dark: there the contrast alone can differ.
  async check(when, ids, names) {
    const found = [];
    for (const screen of chosen(ids, names, when)) {
      const page = await go(screen).catch((err) => found.push(`${screen.name}: ${err}`) && undefined);
      if (!page) continue;
      for (const w of await wrong(page)) found.push(`${screen.name}, light: ${w}`);
      await turn(page, 'zh', true);
      await settle(page);
      for (const w of await wrong(page, contrast)) found.push(`${screen.name}, dark: ${w}`);
    }
    return { errors: found };
  },
  // shoot makes pictures of the screens of a moment, each in ways such as zh-dark-1366, in folders named so. It tells what is wider than its
  // window, and what check would.
  async shoot(when, ids, names, dir, ways) {
    const found = [];
    for (const screen of chosen(ids, names, when)) {
      const checked = new Set();
      for (const width of ['1366', '1920']) {
        const these = ways.map((w) => w.split('-')).filter((w) => w[2] === width);
        if (these.length === 0) continue;
        await wide(tabs[screen.who], Number(width));
        const page = await go(screen).catch((err) => found.push(`${screen.name}: ${err}`) && undefined);
        if (!page) continue;
        let spoken = 'zh';
        for (const [language, theme] of these) {
          await turn(page, language, theme === 'dark');
          if (screen.anew && language !== spoken) for (const step of screen.steps) await step(page);
          spoken = language;
          await settle(page);
          await quiet(page);
          await page.screenshot({ path: `${dir}/${language}-${theme}-${width}/${screen.name}.png` });
          if (checked.has(theme)) continue;
          checked.add(theme);
          for (const w of await wrong(page, theme === 'dark' ? contrast : undefined)) found.push(`${screen.name}, ${theme}: ${w}`);
        }
        const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (over > 0) found.push(`${screen.name} is ${over} px wider than ${width}`);
      }
    }
    return { errors: found };
  },
  // listen plays the recording of a call to its end at twice the speed, silence left out; it tells the marks over its waveform.
  async listen(call) {
    const page = tabs.admin;
    await page.goto(`${pages}/calls/${call}`);
    const player = page.locator('section:has(> * .wave)').first();
    await player.locator('canvas').nth(1).waitFor({ state: 'attached' }); // a lane for each side
    await player.getByText('2×').click();
    await player.getByRole('switch').click();
    await player.locator('.ant-btn-primary:enabled').click();
    await player.locator('.heard-line span').first().waitFor({ state: 'attached' });
    await player.getByRole('link', { name: '下载' }).waitFor();
    return { title: (await player.locator('.marks button').allTextContents()).join(' ') };
  },
  // drill opens the calls behind the first figure of the day's report; it tells how many there are, and the report as a file.
  async drill() {
    const page = tabs.admin;
    await page.goto(`${pages}/reports`);
    const figure = page.locator(line).first();
    const n = await figure.innerText();
    await figure.click();
    await page.locator('.ant-drawer-body .ant-table-row').first().waitFor();
    const rows = await page.locator('.ant-drawer-body .ant-table-row').count();
    await page.keyboard.press('Escape');
    await page.locator('.ant-drawer-body').waitFor({ state: 'hidden' });
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '导出 CSV' }).click()]);
    return { title: `${n} ${rows}\n${readFileSync(await download.path(), 'utf8')}` };
  },
  // callBack has a number called back by a queue, finds it and takes it back; it tells what the line said before.
  async callBack(number) {
    const page = tabs.admin;
    await page.goto(`${pages}/callbacks`);
    await page.getByRole('button', { name: '新建回呼' }).click();
    const wish = page.getByRole('dialog');
    await wish.getByLabel('号码').fill(number);
    await wish.getByRole('combobox', { name: '队列' }).press('ArrowDown');
    await page.locator('.ant-select-item-option-active').waitFor();
    await page.keyboard.press('Enter');
    await wish.locator('.ant-btn-primary').click();
    const rows = page.locator('.ant-table-row');
    const shown = number.replace(/^\+86/, '');
    await rows.filter({ hasText: shown }).waitFor();
    await page.getByRole('searchbox').fill('no such number');
    await page.getByRole('searchbox').press('Enter');
    await rows.first().waitFor({ state: 'detached' });
    await page.getByRole('searchbox').fill(shown);
    await page.getByRole('searchbox').press('Enter');
    await rows.first().waitFor();
    const before = await rows.first().innerText();
    await rows.first().getByRole('button', { name: '取消回呼' }).click();
    await page.locator('.ant-popconfirm .ant-btn-primary').click();
    await rows.first().waitFor({ state: 'detached' }); // those to come are shown
    return { title: before };
  },
  // narrow filters the calls by where they come from, by the keyboard alone; it tells the address and how many filters are counted.
  async narrow(region) {
    const page = tabs.admin;
    await page.goto(`${pages}/calls`);
    const more = page.getByRole('button', { name: '更多筛选' });
    const field = page.getByRole('search').getByLabel('归属地');
    await more.focus();
    await page.keyboard.press('Enter');
    await field.waitFor();
    for (let n = 0; !(await field.evaluate((f) => f === document.activeElement)); n++) {
      if (n === 20) throw new Error('the keyboard does not come to the filters');
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type(region);
    await page.keyboard.press('Enter');
    await page.waitForURL(/[?]region=/);
    const count = page.locator('[role=search] .ant-badge-count');
    await count.waitFor();
    const title = `${decodeURIComponent(new URL(page.url()).search)} ${await count.innerText()}`;
    await page.keyboard.press('Escape');
    await field.waitFor({ state: 'hidden' });
    if (!(await more.evaluate((b) => b === document.activeElement))) throw new Error('Esc does not lead back');
    await page.getByRole('button', { name: '重置' }).click();
    await page.waitForURL((url) => url.search === '');
    return { title };
  },
  // sent opens the list of what was written to agents; it tells its first line.
  async sent(text) {
    const page = tabs.admin;
    await page.goto(`${pages}/agents`);
    await page.getByRole('button', { name: '已发消息' }).click();
    const line = page.locator('.ant-drawer-body .ant-table-row').filter({ hasText: text });
    await line.waitFor();
    return { title: await line.innerText() };
  },
  // dryRun asks where the calls of the day would go now; it tells what stands in the first line.
  async dryRun() {
    const page = tabs.admin;
    await page.goto(`${pages}/routing`);
    await page.getByRole('button', { name: '用今天的来电试算' }).click();
    await page.locator('.ant-table-row').first().waitFor();
    return { title: await page.locator('.ant-table-row').first().innerText() };
  },
  // alarm lets the wallboard turn red and sound when anybody waits, and fill the screen; it tells how often it sounded.
  async alarm() {
    const page = tabs.admin;
    await page.addInitScript(() => {
      const start = OscillatorNode.prototype.start;
      window.sounded = 0;
      OscillatorNode.prototype.start = function (...when) {
        window.sounded += 1;
        return start.apply(this, when);
      };
    });
    await page.goto(`${pages}/wallboard`);
    await page.getByRole('button', { name: '阈值与声音' }).click();
    const limits = page.getByRole('dialog');
    await limits.getByLabel('等待中（≥） 告警').fill('99');
    await limits.getByRole('switch').click();
    await page.waitForFunction(() => window.sounded >= 2); // to hear what it is like
    const before = await page.evaluate(() => window.sounded); // a wait that grows too long sounds as well
    await limits.getByLabel('等待中（≥） 注意').fill('1');
    await limits.getByLabel('等待中（≥） 告警').fill('1');
    await page.waitForFunction((n) => window.sounded > n, before);
    await page.keyboard.press('Escape');
    await page.locator('.tile.bad', { hasText: '等待中' }).waitFor();
    await page.getByRole('button', { name: '全屏' }).click();
    await page.locator('.full').waitFor();
    await page.evaluate(() => {
      localStorage.removeItem('hotline.wallboard');
      return document.exitFullscreen();
    });
    await page.locator('.full').waitFor({ state: 'detached' });
  },
  // fluid scrolls a page up and down for some seconds and tells how it went.
  async fluid(path, seconds) {
    const page = tabs.admin;
    const told = { messages: 0, bytes: 0, since: 0 }; // while this page has been online: what waits for a busy page comes in heaps
    page.once('websocket', (socket) => {
      told.since = Date.now();
      socket.on('framereceived', ({ payload }) => {
        if (!String(payload).includes('"event":"live"')) return;
        told.messages += 1;
        told.bytes += payload.length;
      });
    });
    await page.goto(pages + path);
    await quiet(page);
    const devtools = await page.context().newCDPSession(page);
    const heap = async () => {
      await devtools.send('HeapProfiler.collectGarbage');
      return (await devtools.send('Runtime.getHeapUsage')).usedSize / 1e6;
    };
    const before = await heap();
    const measured = await page.evaluate(async (ms) => {
      const frames = [];
      const long = [];
      new PerformanceObserver((list) => long.push(...list.getEntries().map((e) => e.duration))).observe({ type: 'longtask' });
      const began = performance.now();
      await new Promise((done) => {
        let last = began;
        const frame = (now) => {
          frames.push(now - last);
          last = now;
          window.scrollBy(0, Math.sin((now - began) / 900) * 40);
          if (now - began < ms) requestAnimationFrame(frame);
          else done();
        };
        requestAnimationFrame(frame);
      });
      frames.sort((a, b) => a - b);
      return {
        p50: frames[Math.floor(frames.length / 2)],
        p95: frames[Math.floor(frames.length * 0.95)],
        worst: frames.at(-1),
        long: long.length,
        longMs: long.reduce((sum, d) => sum + d, 0),
      };
    }, seconds * 1000);
    const online = (Date.now() - told.since) / 1000;
    return {
      fluid: { ...measured, updates: told.messages / online, kB: told.bytes / 1000 / online, heap: before, heapThen: await heap() },
    };
  },
  async errors() {
    return { errors };
  },
};

for await (const text of createInterface({ input: process.stdin })) {
  const [name, ...args] = JSON.parse(text);
  try {
    console.log(JSON.stringify({ ok: true, ...(await commands[name](...args)) }));
  } catch (err) {
    console.log(JSON.stringify({ ok: false, error: String(err).slice(0, 2000) }));
  }
}
await browser.close();
