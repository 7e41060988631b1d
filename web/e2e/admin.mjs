// Drives an administrator's pages in a real browser for internal/e2e: one command a line on standard input, one line of JSON for each
// on standard output. Usage: node admin.mjs PAGES CHROMIUM
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const [, , pages, executablePath] = process.argv;
const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync',
  ],
});
const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN' });
await context.addInitScript(() => localStorage.setItem('hotline.language', 'zh'));
const errors = [];
const page = await context.newPage();
page.setDefaultTimeout(60_000);
page.on('pageerror', (err) => errors.push(String(err)));

// pick selects a node of the graph, of which all is brought into the window first; a click while it still moves hits nothing.
async function pick(node) {
  const end = Date.now() + 60_000;
  for (;;) {
    try {
      await page.locator('.react-flow__controls-fitview').click({ timeout: 10_000 });
      await page.locator(`.react-flow__node[data-id="${node}"]`).click({ timeout: 10_000 });
      return await page.locator(`.react-flow__node.selected[data-id="${node}"]`).waitFor({ timeout: 10_000 });
    } catch (err) {
      if (Date.now() > end) throw err;
    }
  }
}

const commands = {
  async signIn(login, password) {
    await page.goto(pages);
    await page.fill('input[autocomplete=username]', login);
    await page.fill('input[type=password]', password);
    await page.click('button[type=submit]');
    await page.locator('.page').first().waitFor();
  },
  // strategy chooses how a queue finds its agents and publishes it.
  async strategy(queue, name) {
    await page.goto(`${pages}/config/queues`);
    await page.getByRole('button', { name: queue, exact: true }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('分配策略').click();
    await page.locator('.ant-select-dropdown').getByText(name, { exact: true }).click();
    await drawer.getByRole('button', { name: '发布' }).click();
    await page.getByText(/已发布为版本/).waitFor();
    await drawer.waitFor({ state: 'hidden' });
  },
  // mistake types a length of time that is refused, and says what the page says at the field.
  async mistake(queue, time) {
    await page.goto(`${pages}/config/queues`);
    await page.getByRole('button', { name: queue, exact: true }).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByLabel('振铃时间', { exact: true }).fill(time);
    await drawer.getByRole('button', { name: '发布' }).click();
    await drawer.locator('.ant-form-item-explain-error').waitFor();
    return { title: await drawer.locator('.ant-form-item-explain-error').innerText() };
  },
  // openFlow opens the editor of a flow and waits for its graph.
  async openFlow(file) {
    await page.goto(`${pages}/config/flows/edit?file=${file}`);
    await page.locator('.react-flow__node').first().waitFor();
  },
  // leadKey gives a key of a menu a way, in the menu's form.
  async leadKey(node, key, to) {
    await pick(node);
    const side = page.locator('.flow-side');
    await side.getByLabel('加一个按键').click();
    await page.locator('.ant-select-dropdown:visible .ant-select-item-option-content').filter({ hasText: key }).click();
    await side.getByLabel(`按键 ${key}`, { exact: true }).click();
    await page.keyboard.type(to);
    await page.keyboard.press('Enter');
  },
  // dropNode takes a node away: what led there leads nowhere.
  async dropNode(node) {
    await pick(node);
    await page.locator('.flow-side').getByRole('button', { name: '删除节点' }).click();
  },
  // wrongNodes are the nodes at which the page shows mistakes, once there are any.
  async wrongNodes() {
    await page.locator('.step-error').first().waitFor();
    const names = await page.locator('.react-flow__node:has(.step-error)').evaluateAll((all) => all.map((n) => n.dataset.id));
    return { title: names.join(' ') };
  },
  async undo() {
    await page.getByRole('button', { name: '撤销' }).click();
    await page.getByText('没有错误').first().waitFor();
  },
  // rehearse leads a call through the flow as it is edited; "on" waits, other words are keys. It tells what stands in the list.
  async rehearse(steps) {
    await page.getByRole('tab', { name: '试呼' }).click();
    await page.getByRole('button', { name: '开始' }).click();
    const list = page.locator('.try-lines');
    for (const [i, step] of steps.entries()) {
      await page.getByRole('button', { name: step === 'on' ? '等下去' : `按 ${step}`, exact: true }).click();
      await list.locator('.try-did').nth(i).waitFor();
      await list.locator(':scope > :last-child:not(.try-did)').waitFor(); // what the flow does then
    }
    return { title: await list.innerText() };
  },
  async publishFlow() {
    await page.getByRole('button', { name: '发布' }).click();
    await page.getByText(/已发布为版本/).waitFor();
  },
  // exportFlow takes the flow of the editor as a file; importFlow puts a text in its place, which is a draft that can be undone.
  async exportFlow() {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出 YAML' }).click()]);
    return { title: readFileSync(await download.path(), 'utf8') };
  },
  async importFlow(text) {
    await page.locator('.page-head input[type=file]').setInputFiles({ name: 'flow.yml', mimeType: 'application/yaml', buffer: Buffer.from(text) });
    await page.getByText('有未发布的改动').first().waitFor();
  },
  // backTo makes the centre what it was at a version.
  async backTo(version) {
    await page.goto(`${pages}/config/versions`);
    await page.getByRole('button', { name: String(version), exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: '恢复到这一版' }).click();
    await page.locator('.ant-popover:visible .ant-btn-primary').click();
    await page.getByText(`恢复到版本 ${version}`).first().waitFor();
  },
  // firstAdmin makes the first administrator by the one-time link; the guided start opens.
  async firstAdmin(link, name, password) {
    await page.goto(link);
    await page.locator('input#name').fill(name);
    await page.locator('input#password').fill(password);
    await page.locator('input#again').fill(password);
    await page.click('button[type=submit]');
    await page.getByLabel('公司名称').waitFor();
  },
  // firstNumber is the first step; the second opens.
  async firstNumber(company, number) {
    await page.getByLabel('公司名称').fill(company);
    await page.getByLabel('热线号码').fill(number);
    await page.getByRole('button', { name: '保存并继续' }).click();
    await page.getByLabel('姓名').waitFor();
  },
  // firstAgent is the second step; it tells the password of the phone.
  async firstAgent(name, login, password, phone) {
    await page.goto(`${pages}/config/start`); // whoever comes back goes on where they were
    await page.getByLabel('姓名').fill(name);
    await page.getByLabel('账号').fill(login);
    await page.getByLabel('密码', { exact: true }).fill(password);
    await page.getByLabel('话机').fill(phone);
    await page.getByRole('button', { name: '保存并继续' }).click();
    return { title: await page.locator('.ant-alert', { hasText: '密码只显示这一次' }).locator('code').innerText() };
  },
  // firstCall waits until the page has seen the first call.
  async firstCall() {
    await page.getByText('电话进来了').waitFor();
  },
  async shot(path) {
    await page.screenshot({ path });
  },
  async errors() {
    return { errors };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, ...args] = JSON.parse(line);
  try {
    console.log(JSON.stringify({ ok: true, ...(await commands[name](...args)) }));
  } catch (err) {
    console.log(JSON.stringify({ ok: false, error: String(err).slice(0, 2000) }));
  }
}
await browser.close();
