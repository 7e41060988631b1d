// The call button of customers' pages: <script src="https://NODE/button.js" async></script>. docs/protocols/button.md says what
// its attributes are. Nothing of the page can change how it looks, and it changes nothing of the page: it lives in a shadow tree.
import { style } from './style';
import { words } from './texts';
import { Visit } from './visit';

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

function element<K extends keyof HTMLElementTagNameMap>(name: K, className: string, text = ''): HTMLElementTagNameMap[K] {
  const e = document.createElement(name);
  e.className = className;
  e.textContent = text;
  return e;
}

const clock = (ms: number) => {
  const s = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
};

// begin puts the button on the page, if it may be there.
async function begin(script: HTMLScriptElement) {
  const server = new URL(script.src).origin;
  const t = words(script.dataset.language ?? navigator.language);
  const host = element('hotline-call' as 'div', '');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet(); // unlike a style element it needs no leave of the page's security policy
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const place = script.dataset.in ? document.querySelector(script.dataset.in) : null;
  if (!place) host.className = 'floating';
  (place ?? document.body).append(host);

  let allowed = false;
  try {
    allowed = (await fetch(`${server}/api/v1/button`, { credentials: 'omit', cache: 'no-store' })).ok;
  } catch {
    // what may not be read is not allowed
  }
  if (!allowed) {
    console.error(`Hotline: ${t.refused} (button.origins: ${window.location.origin})`);
    const note = element('p', 'refused', t.refused);
    note.setAttribute('role', 'alert');
    root.append(note);
    return;
  }

  const call = element('button', 'call', t.call);
  const panel = element('section', 'panel');
  panel.setAttribute('aria-label', t.panel);
  const status = element('p', 'status');
  status.setAttribute('role', 'status');
  const pad = element('div', 'pad');
  pad.setAttribute('role', 'group');
  pad.setAttribute('aria-label', t.keypad);
  const mute = element('button', 'mute');
  const end = element('button', 'end');
  const visit = new Visit(server, script.dataset.customer, () => show());
  let timer: ReturnType<typeof setInterval> | undefined;

  for (const key of keys) {
    const b = element('button', 'key', key);
    b.type = 'button';
    b.onclick = () => visit.press(key);
    pad.append(b);
  }
  for (const b of [call, mute, end]) b.type = 'button';
  const foot = element('div', 'foot');
  foot.append(mute, end);
  panel.append(status, pad, foot);
  root.append(call, panel);

  const text = () => {
    const { step, up, since, trouble } = visit.state;
    if (step === 'over') return trouble ? t[trouble] : t.ended;
    if (!up) return t.again;
    return step === 'talking' ? `${t.talking} ${clock(Date.now() - since)}` : step === 'calling' ? t.calling : t.starting;
  };
  function show() {
    const { step, muted } = visit.state;
    const busy = step === 'starting' || step === 'calling' || step === 'talking';
    call.hidden = step !== 'idle';
    panel.hidden = step === 'idle';
    pad.hidden = mute.hidden = !busy;
    for (const b of pad.querySelectorAll('button')) b.disabled = step !== 'talking';
    status.textContent = text();
    mute.textContent = muted ? t.unmute : t.mute;
    mute.setAttribute('aria-pressed', String(muted));
    end.textContent = busy ? t.hangUp : t.close;
    end.classList.toggle('red', busy);
    clearInterval(timer);
    if (step === 'talking') timer = setInterval(() => (status.textContent = text()), 1000);
  }
  call.onclick = () => void visit.start();
  mute.onclick = () => visit.mute(!visit.state.muted);
  end.onclick = () => (visit.state.step === 'over' ? visit.close() : visit.hangUp());
  panel.onkeydown = (ev) => {
    if (keys.includes(ev.key) && visit.state.step === 'talking') visit.press(ev.key);
  };
  window.addEventListener('pagehide', () => {
    if (visit.state.step !== 'idle' && visit.state.step !== 'over') visit.hangUp();
  });
  show();
}

if (document.currentScript instanceof HTMLScriptElement) void begin(document.currentScript);
