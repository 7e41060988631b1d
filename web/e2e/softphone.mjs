// Drives an agent's page in a real browser for internal/e2e: one command a line on standard input, one line of JSON for each on
// standard output. Usage: node softphone.mjs PAGES CHROMIUM MICROPHONE.wav
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const [, , pages, executablePath, microphone] = process.argv;
const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--autoplay-policy=no-user-gesture-required', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-audio-capture=${microphone}`, '--allow-loopback-in-peer-connection',
  ],
});
const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: 'zh-CN', permissions: ['microphone'] });
await context.addInitScript(() => {
  localStorage.setItem('hotline.language', 'zh');
  localStorage.setItem('hotline.noise', 'no'); // a steady tone is noise
  const Plain = window.RTCPeerConnection;
  window.peers = [];
  // sounding is the connection of the call, not that of a page which waits for one.
  window.sounding = () => window.peers.filter((p) => p.getTransceivers().some((t) => t.currentDirection === 'sendrecv')).at(-1);
  window.RTCPeerConnection = class extends Plain {
    constructor(...args) {
      super(...args);
      window.peers.push(this);
      this.addEventListener('connectionstatechange', () => {
        if (this.connectionState !== 'connected') return;
        this.took ??= performance.now() - this.offered;
        this.since ??= Date.now();
      });
    }

    createOffer(...args) {
      this.offered = performance.now();
      return super.createOffer(...args);
    }
  };
});
const errors = [];
const tabs = [];
let page; // the tab in front
async function open() {
  page = await context.newPage();
  page.setDefaultTimeout(60_000); // the machine may have much to do
  page.on('pageerror', (err) => errors.push(String(err)));
  page.on('dialog', (dialog) => dialog.accept());
  tabs.push(page);
}
await open();

// connected waits until the sound of the call is there.
const connected = () => page.waitForFunction(() => window.sounding()?.connectionState === 'connected', null, { timeout: 60_000 });
const talking = (timeout = 60_000) => page.getByRole('button', { name: '静音' }).waitFor({ timeout });

const commands = {
  async signIn(login, password) {
    await page.goto(pages);
    await page.fill('input[autocomplete=username]', login);
    await page.fill('input[type=password]', password);
    await page.click('button[type=submit]');
    await page.getByRole('button', { name: '连接耳机' }).click({ timeout: 60_000 });
    await page.getByText(/软电话在线|声音在另一台电脑上/).first().waitFor({ timeout: 60_000 });
  },
  // wear gives the browser a headset that speaks USB HID: all its buttons in one report, the hook as a state and the others as touches, and
  // its lamps in another.
  async wear() {
    await context.addInitScript(() => {
      const usage = (page, id) => (page << 16) | id;
      const hearers = new Set();
      const device = {
        productName: 'stub', opened: false,
        collections: [{
          usagePage: 0x0b,
          inputReports: [{ reportId: 2, items: [
            { usages: [usage(0x0b, 0x20)], reportSize: 1, reportCount: 1, isAbsolute: true },
            { usages: [usage(0x0b, 0x2f), usage(0x0b, 0x21)], reportSize: 1, reportCount: 2 },
            { usages: [usage(0x09, 0x07)], reportSize: 1, reportCount: 1 },
            { reportSize: 1, reportCount: 12, isConstant: true },
          ] }],
          outputReports: [{ reportId: 2, items: [
            { usages: [usage(0x08, 0x17), usage(0x08, 0x09), usage(0x08, 0x18), usage(0x08, 0x20)], reportSize: 1, reportCount: 4 },
            { reportSize: 1, reportCount: 12, isConstant: true },
          ] }],
        }],
        async open() { this.opened = true; },
        async close() { this.opened = false; },
        async sendReport(id, data) {
          window.headset.lamps = `${id}: ${[...data].join(' ')}`;
          window.headset.lit = performance.now();
        },
        addEventListener: (_, f) => hearers.add(f),
        removeEventListener: (_, f) => hearers.delete(f),
      };
      window.headset = {
        lamps: '', lit: -1000,
        press: (octets) => {
          for (const hear of hearers) hear({ reportId: 2, data: new DataView(Uint8Array.from(octets).buffer) });
        },
      };
      Object.defineProperty(navigator, 'hid', { value: { getDevices: async () => [device], requestDevice: async () => [device] } });
    });
  },
  // headset presses buttons once its lamps are as they should be, "" for any; what comes within 0.3 s of a change of theirs is no press.
  async headset(lamps, ...octets) {
    await page.waitForFunction((want) => (want === '' || window.headset.lamps === want) && performance.now() - window.headset.lit > 500, lamps, { timeout: 60_000 });
    await page.evaluate((o) => window.headset.press(o), octets);
  },
  // lamps waits until the headset shows them.
  async lamps(want) {
    await page.waitForFunction((w) => window.headset.lamps === w, want, { timeout: 60_000 });
  },
  // lamp lights, or puts out, a lamp by the device page.
  async lamp(name, want) {
    await page.getByLabel(name, { exact: true }).click();
    await commands.lamps(want);
  },
  // deep switches RNNoise on by the device page, which says that it works, and connects the headset anew.
  async deep() {
    await page.getByRole('menuitem', { name: '设备与网络' }).click();
    await page.getByLabel('深度降噪 (RNNoise)').click();
    await page.getByText('正在工作').waitFor();
    await page.getByRole('button', { name: '断开耳机' }).click();
    await page.getByRole('button', { name: /连接耳机$/ }).click();
    await page.getByText('软电话在线').waitFor();
  },
  // spoilWasm lets no WebAssembly run from now on: the thread of a filter is silent then, and says nothing, as where a policy forbids it.
  async spoilWasm() {
    await context.route('**/*.wasm', (route) => route.fulfill({ contentType: 'application/wasm', body: 'none' }));
  },
  // spread is how loud what is heard is in its pauses and where it is loud: the 10th and 90th percentile of 3 s, dB.
  async spread() {
    await connected();
    return {
      levels: await page.evaluate(async () => {
        const audio = new AudioContext();
        await audio.resume();
        const analyser = audio.createAnalyser();
        audio.createMediaStreamSource(new MediaStream(window.sounding().getReceivers().map((r) => r.track))).connect(analyser);
        const samples = new Float32Array(analyser.fftSize);
        const all = [];
        await new Promise((r) => setTimeout(r, 1000)); // the filter gets used to the room
        for (let i = 0; i < 60; i++) {
          await new Promise((r) => setTimeout(r, 50));
          analyser.getFloatTimeDomainData(samples);
          all.push(10 * Math.log10(samples.reduce((sum, x) => sum + x * x, 0) / samples.length + 1e-12));
        }
        await audio.close();
        all.sort((a, b) => a - b);
        return [all[6], all[54]];
      }),
    };
  },
  // noUDP makes the browser one whose network lets no UDP through: it does not learn of candidates that it could not reach.
  async noUDP() {
    await context.addInitScript(() => {
      const plain = RTCPeerConnection.prototype.setRemoteDescription;
      RTCPeerConnection.prototype.setRemoteDescription = function (d) {
        return plain.call(this, { type: d.type, sdp: d.sdp.replace(/a=candidate:\S+ \d+ udp .*\r\n/gi, '') });
      };
    });
  },
  // way is what the sound of the call goes by: udp or tcp, and its codec.
  async way() {
    await connected();
    return page.evaluate(async () => {
      const all = [...(await window.sounding().getStats()).values()];
      const pair = all.find((s) => s.type === 'candidate-pair' && s.nominated && s.state === 'succeeded');
      const sent = all.find((s) => s.type === 'outbound-rtp');
      return {
        way: all.find((s) => s.id === pair?.localCandidateId)?.protocol ?? '',
        codec: all.find((s) => s.id === sent?.codecId)?.mimeType.replace('audio/', '') ?? '',
        srtp: all.find((s) => s.type === 'transport')?.srtpCipher ?? '',
      };
    });
  },
  // newTab opens a second page of the same browser; it becomes the one in front, and says where the sound is.
  async newTab() {
    await open();
    await page.goto(pages);
    await page.getByText('声音在另一个标签页').waitFor({ timeout: 60_000 });
  },
  // front brings a tab to the front by its number, from 0; those that are closed count.
  async front(n) {
    page = tabs[n];
    await page.bringToFront();
  },
  async close() {
    await page.close({ runBeforeUnload: false });
  },
  // take brings the sound to the tab in front, and waits for it.
  async take() {
    const began = Date.now();
    await page.getByRole('button', { name: '转到此页' }).click();
    await talking();
    await connected();
    return { ms: Date.now() - began };
  },
  // here waits until the tab in front has the sound of the call, though nobody asked for it.
  async here() {
    const began = Date.now();
    await talking();
    await connected();
    return { ms: Date.now() - began };
  },
  // gone waits until the sound is elsewhere: another tab's, or another computer's.
  async gone(where) {
    await page.getByText(where === 'tab' ? '声音在另一个标签页' : '声音在另一台电脑上').first().waitFor({ timeout: 60_000 });
  },
  // asked waits for the question whether to answer on this computer, and says yes.
  async asked() {
    const dialog = page.getByRole('dialog', { name: '在这台电脑上接听？' });
    await dialog.waitFor({ timeout: 60_000 });
    const began = Date.now();
    await dialog.getByRole('button', { name: '转到这台电脑' }).click();
    await talking();
    await connected();
    return { ms: Date.now() - began };
  },
  // back waits until the sound of the call, which was lost, is connected again.
  async back() {
    const began = Date.now();
    await page.waitForFunction(() => window.sounding()?.connectionState === 'connected', null, { timeout: 60_000 });
    return { ms: Date.now() - began };
  },
  async answer() {
    const ringing = page.getByRole('button', { name: '接听' });
    const mute = page.getByRole('button', { name: '静音' });
    for (let i = 0; ; i++) {
      await (i ? ringing.or(mute).first() : ringing).waitFor({ timeout: 60_000 });
      await connected();
      const began = Date.now();
      await page.keyboard.press('Control+Alt+KeyA'); // which does nothing in a talk
      try {
        await talking(20_000);
        return { ms: Date.now() - began };
      } catch (err) {
        if (i === 3) throw err; // on a busy machine it may have stopped ringing meanwhile: it rings again
      }
    }
  },
  // levels is how loud each of the frequencies is, dB, in what the agent hears.
  async levels(...hertz) {
    await connected();
    return {
      levels: await page.evaluate(async (wanted) => {
        const stream = new MediaStream(window.sounding().getReceivers().map((r) => r.track));
        const audio = new AudioContext();
        await audio.resume();
        const analyser = audio.createAnalyser();
        analyser.fftSize = 8192;
        analyser.smoothingTimeConstant = 0;
        audio.createMediaStreamSource(stream).connect(analyser);
        const bins = new Float32Array(analyser.frequencyBinCount);
        const best = wanted.map(() => -200);
        for (let i = 0; i < 30; i++) {
          await new Promise((r) => setTimeout(r, 50));
          analyser.getFloatFrequencyData(bins);
          for (const [n, hz] of wanted.entries()) {
            const at = Math.round((Number(hz) * 8192) / audio.sampleRate);
            best[n] = Math.max(best[n], bins[at - 1], bins[at], bins[at + 1]);
          }
        }
        await audio.close();
        return best;
      }, hertz),
    };
  },
  // speech is how loud it is in what is heard, dB, as soon as there is anything.
  async speech() {
    return {
      levels: await page.evaluate(async () => {
        const audio = new AudioContext();
        await audio.resume();
        const analyser = audio.createAnalyser();
        audio.createMediaStreamSource(new MediaStream(window.sounding().getReceivers().map((r) => r.track))).connect(analyser);
        const samples = new Float32Array(analyser.fftSize);
        let best = -200;
        for (let i = 0; i < 200 && best < -40; i++) {
          await new Promise((r) => setTimeout(r, 20));
          analyser.getFloatTimeDomainData(samples);
          best = Math.max(best, 20 * Math.log10(Math.max(1e-10, ...samples.map(Math.abs))));
        }
        await audio.close();
        return [best];
      }),
    };
  },
  // reload tells after how long the call's sound is there again, and after how long the page shows the call.
  async reload() {
    const began = Date.now();
    await page.reload();
    await talking();
    const shown = Date.now() - began;
    await connected();
    return { ms: (await page.evaluate(() => window.sounding().since)) - began, shown };
  },
  async mute() {
    await page.keyboard.press('Control+Alt+KeyM');
    await page.getByRole('button', { name: '已静音' }).waitFor();
    return { title: await page.title() };
  },
  async unmute() {
    await page.keyboard.press('Control+Alt+KeyM');
    await talking();
  },
  async hangUp() {
    await page.keyboard.press('Control+Alt+KeyH');
    await page.getByRole('button', { name: '静音' }).waitFor({ state: 'detached' });
  },
  // dial calls a number from the desk, and waits until it is talked on.
  async dial(to) {
    await page.getByLabel('拨号').first().fill(to);
    await page.keyboard.press('Enter');
    await talking();
    await connected();
  },
  // pick asks for somebody by a shortcut, as agents do: the first who is found is taken.
  async pick(keys, whom) {
    const box = page.getByRole('combobox', { name: /搜索同事/ });
    for (let i = 0; i < 20 && !(await box.isVisible()); i++) {
      await page.keyboard.press(keys); // what they do is there once the page has heard of the talk
      await box.waitFor({ timeout: 3_000 }).catch(() => {});
    }
    await box.fill(whom);
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
  },
  // listenAnew reloads the page and asks to listen before its microphone is there: the telephone is waited for.
  async listenAnew() {
    await page.addInitScript(() => {
      const media = navigator.mediaDevices;
      const open = media.getUserMedia.bind(media);
      media.getUserMedia = async (of) => {
        await new Promise((go) => (window.speak = go));
        return open(of);
      };
    });
    await page.reload();
    const listen = page.locator('.page').getByRole('button', { name: '监听' }); // not what the header and the bar say of it
    await listen.click({ timeout: 60_000 });
    await page.locator('.ant-btn-loading', { hasText: '监听' }).waitFor({ timeout: 60_000 });
    await page.waitForFunction(() => window.speak, null, { timeout: 60_000 });
    await page.evaluate(() => window.speak());
    const listens = page.getByText('耳语').first();
    for (let i = 0; i < 3 && !(await listens.isVisible()); i++) {
      if (i > 0) await listen.click({ timeout: 60_000 }); // a busy machine connected it too late
      await listens.waitFor({ timeout: 40_000 }).catch(() => {});
    }
    await connected();
  },
  // move takes the live call to somebody by the page of live calls.
  async move(whom) {
    await page.getByRole('button', { name: '改派' }).click({ timeout: 60_000 });
    const dialog = page.getByRole('dialog', { name: '改派通话给' });
    await dialog.getByRole('combobox', { name: /搜索同事/ }).fill(whom);
    await dialog.getByRole('option', { name: whom }).first().click({ timeout: 60_000 });
    await page.getByText('已请求改派给').first().waitFor({ timeout: 60_000 });
  },
  // follow follows an agent until their call is heard; a telephone that a busy machine answers too late is asked again.
  async follow(whom) {
    for (let i = 0; ; i++) {
      await page.getByRole('button', { name: `跟听 ${whom}`, exact: true }).click({ timeout: 60_000 });
      try {
        await page.getByText('监听中').first().waitFor({ timeout: 50_000 });
        return undefined;
      } catch (err) {
        if (i === 2) throw err;
      }
    }
  },
  // press clicks a button of the page, as soon as it is there.
  async press(name) {
    await page.getByRole('button', { name }).first().click({ timeout: 60_000 });
  },
  // choose clicks one of several choices of which one is taken.
  async choose(name) {
    await page.locator('.ant-segmented-item', { hasText: name }).first().click({ timeout: 60_000 });
  },
  // fetch picks up who is parked, once the agent is free.
  async fetch() {
    await page.getByRole('button', { name: '邀请' }).waitFor({ state: 'detached', timeout: 60_000 });
    await page.getByRole('button', { name: '驻留' }).click({ timeout: 60_000 });
    await page.getByRole('button', { name: '取回' }).click({ timeout: 60_000 });
  },
  // sees waits for a text.
  async sees(text) {
    await page.getByText(text).first().waitFor({ timeout: 60_000 });
  },
  // goes opens another page by the menu, so that nothing is loaded anew.
  async goes(name) {
    await page.getByRole('menuitem', { name }).click();
  },
  // spoils lets nothing of a page be loaded from now on.
  async spoils(name) {
    await page.route(`**/assets/${name}-*.js`, (route) => route.abort());
  },
  // visit opens a customer's page, and says what its call button looks like: call, or refused.
  async visit(url) {
    await page.goto(url);
    const button = page.getByRole('button', { name: '在线通话' });
    const refusal = page.getByRole('alert');
    await button.or(refusal).waitFor({ timeout: 60_000 });
    return { title: (await button.isVisible()) ? 'call' : 'refused' };
  },
  // call presses the button and waits until somebody, or a menu, answers.
  async call() {
    const began = Date.now();
    await page.getByRole('button', { name: '在线通话' }).click();
    await page.getByText('通话中').waitFor({ timeout: 60_000 });
    await connected();
    return { ms: Date.now() - began, offer: await page.evaluate(() => window.sounding().took) };
  },
  async key(key) {
    await page.getByRole('button', { name: key, exact: true }).click();
  },
  async leave() {
    await page.getByRole('button', { name: '挂断' }).click();
    await page.getByText('通话已结束').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: '关闭' }).click();
  },
  // over waits for the other side to hang up.
  async over() {
    await page.getByText('通话已结束').waitFor({ timeout: 60_000 });
  },
  // devices opens the device page, tries the microphone, and calls an echo until its figures are there.
  async devices(echo, folder) {
    await page.goto(new URL('devices', pages).href);
    await page.getByRole('heading', { name: '设备与网络' }).waitFor({ timeout: 60_000 });
    await page.waitForFunction(
      () => Number.parseInt(document.querySelector('[aria-label="麦克风音量"] .ant-progress-text, [aria-label="麦克风音量"] .ant-progress-indicator')?.textContent ?? '-70') > -40,
      null,
      { timeout: 60_000 },
    );
    await page.getByText('软电话在线').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: '录 5 秒再播放' }).click();
    await page.getByText('正在播放…').waitFor({ timeout: 60_000 });
    await page.getByLabel('回音测试号码').fill(echo);
    await page.getByRole('button', { name: /^呼\s?叫$/ }).click();
    const score = page.locator('tr', { hasText: '音质评分' });
    await page.waitForFunction(() => /\d\.\d\d/.test([...document.querySelectorAll('tr')].find((r) => r.textContent.includes('音质评分'))?.textContent ?? ''), null, {
      timeout: 60_000,
    });
    const title = await score.innerText();
    if (folder) await page.screenshot({ path: `${folder}/devices-zh-1366.png` });
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出报告' }).click()]);
    await download.createReadStream();
    return { title };
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
