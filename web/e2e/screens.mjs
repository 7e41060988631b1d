// Looks at every screen in a real browser for internal/e2e: one command a line on standard input, one line of JSON for each on standard
// output. Usage: node screens.mjs PAGES CHROMIUM
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const [, , pages, executablePath] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
  ],
});
const errors = [];
const tabs = {}; // by who looks

// still keeps what moves from being half way.
const still = () => {
  const style = document.createElement('style');
  style.textContent = '*, *::before, *::after { animation-duration: 1ms !important; animation-delay: 0s !important; transition-duration: 1ms !important; }';
  document.addEventListener('DOMContentLoaded', () => document.head.append(style));
};

async function open(who) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN', permissions: ['microphone'] });
  await context.addInitScript(still);
  await context.addInitScript(axe);
  await context.addInitScript(() => {
    if (!localStorage.getItem('hotline.language')) localStorage.setItem('hotline.language', 'zh');
  });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  page.on('pageerror', (err) => errors.push(`${page.url()}: ${err}`));
  tabs[who] = page;
  return page;
}

// quiet waits until a screen has what it asked for.
async function quiet(page) {
  await page.locator('#root h1, #root form, #root .ant-result, main').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('.ant-skeleton, .ant-spin-spinning, .ant-spin-fullscreen, [class*="-appear-"], [class*="-enter-"]'));
}

const first = (css) => (page) => page.locator(css).first().click();
const inDrawer = (page) => page.locator('.ant-drawer-body').first().waitFor();
const inModal = (page) => page.locator('.ant-modal-body').first().waitFor();
const line = '.ant-table-row .ant-btn-link';
const add = '[role=search] .ant-btn-primary';

// all are the screens: who looks, where, and what is opened there.
const all = ({ call, ticket, flow }) => [
  { name: 'door', who: 'nobody', at: '/' },
  { name: 'first-admin', who: 'nobody', at: '/first-admin#x' },
  { name: 'password', who: 'nobody', at: '/password' },
  { name: 'desk', who: 'agent', at: '/desk' },
  { name: 'agent-calls', who: 'agent', at: '/calls' },
  { name: 'agent-call', who: 'agent', at: `/calls/${call}` },
  { name: 'agent-tickets', who: 'agent', at: '/tickets' },
  { name: 'devices', who: 'agent', at: '/devices' },
  { name: 'wallboard', who: 'admin', at: '/wallboard' },
  { name: 'wallboard-limits', who: 'admin', at: '/wallboard', steps: [first('button:has(.anticon-bell):not(.ant-btn-text)'), inModal] },
  { name: 'wallboard-close', who: 'admin', at: '/wallboard', steps: [first('button:has(.anticon-stop)'), inModal] },
  { name: 'agents', who: 'admin', at: '/agents' },
  { name: 'agents-membership', who: 'admin', at: '/agents', steps: [first('.ant-table-row button:has(.anticon-edit)'), inModal] },
  { name: 'live', who: 'admin', at: '/live' },
  { name: 'reports', who: 'admin', at: '/reports' },
  { name: 'reports-calls', who: 'admin', at: '/reports', steps: [first(line), inDrawer] },
  { name: 'calls', who: 'admin', at: '/calls' },
  { name: 'call', who: 'admin', at: `/calls/${call}`, steps: [(page) => page.locator('.wave').first().waitFor()] },
  { name: 'tickets', who: 'admin', at: '/tickets' },
  { name: 'ticket', who: 'admin', at: `/tickets/${ticket}`, steps: [inDrawer] },
  { name: 'network', who: 'admin', at: '/network' },
  { name: 'routing', who: 'admin', at: '/routing', steps: [first('.page-head button')] },
  { name: 'start', who: 'admin', at: '/config/start' },
  { name: 'queues', who: 'admin', at: '/config/queues' },
  { name: 'queue', who: 'admin', at: '/config/queues', steps: [first(line), inDrawer] },
  { name: 'people', who: 'admin', at: '/config/people' },
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
  { name: 'flow', who: 'admin', at: `/config/flows/edit?file=${flow}`, steps: [(page) => page.locator('.react-flow__node').first().waitFor()] },
  { name: 'prompts', who: 'admin', at: '/config/prompts' },
  { name: 'prompt-new', who: 'admin', at: '/config/prompts', steps: [first(add), inModal] },
  { name: 'versions', who: 'admin', at: '/config/versions' },
  { name: 'version', who: 'admin', at: '/config/versions', steps: [first(line), inDrawer] },
  { name: 'tokens', who: 'admin', at: '/tokens' },
  { name: 'audit', who: 'admin', at: '/audit' },
  { name: 'system', who: 'admin', at: '/system' },
];

// go opens a screen.
async function go(screen, language, dark) {
  const page = tabs[screen.who];
  await page.evaluate(
    ([l, d]) => {
      localStorage.setItem('hotline.language', l);
      localStorage.setItem('hotline.dark', d ? 'yes' : 'no');
    },
    [language, dark],
  );
  await page.goto(pages + screen.at);
  await quiet(page);
  for (const step of screen.steps ?? []) await step(page);
  await quiet(page);
  return page;
}

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

const commands = {
  async signIn(who, login, password) {
    const page = await open(who);
    await page.goto(pages);
    if (!login) return;
    await page.fill('input[autocomplete=username]', login);
    await page.fill('input[type=password]', password);
    await page.click('button[type=submit]');
    await page.locator('.page').first().waitFor();
  },
  // names are those of all screens.
  async names(ids) {
    return { names: all(ids).map((s) => s.name) };
  },
  // check looks for what keeps people out of some screens, in light and in dark: there the contrast alone can differ.
  async check(ids, names) {
    const found = [];
    for (const screen of all(ids).filter((s) => !names || names.includes(s.name))) {
      const light = await go(screen, 'zh', false);
      for (const w of await wrong(light)) found.push(`${screen.name}, light: ${w}`);
      const dark = await go(screen, 'zh', true);
      for (const w of await wrong(dark, ['color-contrast'])) found.push(`${screen.name}, dark: ${w}`);
    }
    return { errors: found };
  },
  // shoot makes pictures of all screens in both languages, light and dark, 1366 and 1920 wide.
  async shoot(ids, dir, names) {
    for (const language of ['zh', 'en'])
      for (const dark of [false, true])
        for (const width of [1366, 1920]) {
          const folder = `${dir}/${language}-${dark ? 'dark' : 'light'}-${width}`;
          mkdirSync(folder, { recursive: true });
          for (const page of Object.values(tabs)) await page.setViewportSize({ width, height: width === 1366 ? 768 : 1080 });
          for (const screen of all(ids).filter((s) => !names || names.includes(s.name))) {
            const page = await go(screen, language, dark);
            await page.screenshot({ path: `${folder}/${screen.name}.png` });
          }
        }
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
    await limits.getByLabel('等待中(≥) 告警').fill('99');
    await limits.getByRole('switch').click();
    await page.waitForFunction(() => window.sounded >= 2); // to hear what it is like
    const before = await page.evaluate(() => window.sounded); // a wait that grows too long sounds as well
    await limits.getByLabel('等待中(≥) 注意').fill('1');
    await limits.getByLabel('等待中(≥) 告警').fill('1');
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
