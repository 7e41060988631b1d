import { expect, test } from 'vitest';
import { type Button, type Collection, chosen, type Device, Headset, type Hid, known, wish } from './headset';

const u = (page: number, usage: number) => (page << 16) | usage;

// jabra has all its buttons in one report, the hook as a state and mute as a touch, and its lamps in another.
const jabra: Collection[] = [
  { usagePage: 0x0c, inputReports: [{ reportId: 1, items: [{ usages: [u(0x0c, 0xe9)], reportSize: 1, reportCount: 1 }] }] },
  {
    usagePage: 0x0b,
    inputReports: [
      {
        reportId: 2,
        items: [
          { usages: [u(0x0b, 0x20)], reportSize: 1, reportCount: 1, isAbsolute: true },
          { usages: [u(0x0b, 0x2f), u(0x0b, 0x21)], reportSize: 1, reportCount: 2, isAbsolute: false },
          { usages: [u(0x09, 0x07)], reportSize: 1, reportCount: 1, isAbsolute: false },
          { reportSize: 1, reportCount: 12, isConstant: true },
        ],
      },
    ],
    outputReports: [
      {
        reportId: 2,
        items: [
          { usages: [u(0x08, 0x17), u(0x08, 0x09), u(0x08, 0x18), u(0x08, 0x20)], reportSize: 1, reportCount: 4 },
          { reportSize: 1, reportCount: 12, isConstant: true },
        ],
      },
    ],
  },
];

// yealink has its buttons as a list of which one is down and as a range, in a collection within another, and a report for each lamp.
const yealink: Collection[] = [
  {
    usagePage: 0x0b,
    children: [
      {
        usagePage: 0x0b,
        inputReports: [
          {
            reportId: 8,
            items: [
              { reportSize: 8, reportCount: 1, isConstant: true },
              { usages: [u(0x0b, 0x26), u(0x0b, 0x2f)], isArray: true, logicalMinimum: 1, reportSize: 4, reportCount: 1 },
              { isRange: true, usageMinimum: u(0x0b, 0x20), reportSize: 1, reportCount: 2, isAbsolute: true },
            ],
          },
        ],
        outputReports: [
          { reportId: 9, items: [{ usages: [u(0x08, 0x17)], reportSize: 1, reportCount: 1 }] },
          { reportId: 10, items: [{ usages: [u(0x0b, 0x9e)], reportSize: 1, reportCount: 1 }] },
        ],
      },
    ],
  },
];

function stub(collections: Collection[], taken = false) {
  const sent: string[] = [];
  let hear: ((e: { reportId: number; data: DataView }) => void) | undefined;
  const device: Device = {
    productName: 'stub',
    opened: false,
    collections,
    async open() {
      if (taken) throw new DOMException('Failed to open the device.', 'NotAllowedError');
      device.opened = true;
    },
    async close() {
      device.opened = false;
    },
    async sendReport(id, data) {
      sent.push(`${id}: ${[...data].join(' ')}`);
    },
    addEventListener: (_, f) => {
      hear = f;
    },
    removeEventListener: () => {
      hear = undefined;
    },
  };
  const press = (reportId: number, ...bytes: number[]) => hear?.({ reportId, data: new DataView(Uint8Array.from(bytes).buffer) });
  return { device, sent, press };
}

async function worn(collections: Collection[]) {
  const s = stub(collections);
  const heard: string[] = [];
  const clock = { now: 10_000 };
  const headset = new Headset(
    s.device,
    (b, on) => heard.push(on === undefined ? b : `${b} ${on ? 'on' : 'off'}`),
    () => clock.now,
  );
  expect(await headset.open()).toBe(true);
  return { ...s, headset, heard, clock };
}

const dark = { offHook: false, ring: false, mute: false, hold: false };

test('the one shape: hook, mute, hold and reject are heard, volume is not', async () => {
  const { press, heard } = await worn(jabra);
  press(2, 0b0001, 0);
  press(2, 0b0001, 0);
  press(2, 0b0011, 0);
  press(2, 0b0001, 0);
  press(2, 0b0101, 0);
  press(1, 1);
  press(2, 0b0000, 0);
  press(2, 0b1000, 0);
  expect(heard).toEqual(['hook on', 'mute', 'flash', 'hook off', 'reject']);
});

test('the other shape: a list, a range, a collection inside another', async () => {
  const { press, heard } = await worn(yealink);
  press(8, 0, 0b010000);
  press(8, 0, 0b010010);
  press(8, 0, 0b010000);
  press(8, 0, 0b010001);
  press(8, 0xff, 0b000000);
  expect(heard).toEqual(['hook on', 'mute', 'drop', 'hook off']);
});

test('lamps share a report and keep each other', async () => {
  const { headset, sent } = await worn(jabra);
  await headset.show({ ...dark, ring: true });
  await headset.show({ ...dark, offHook: true });
  await headset.show({ ...dark, offHook: true, mute: true });
  await headset.show({ ...dark, offHook: true, mute: true });
  await headset.show({ ...dark, offHook: true, mute: true, hold: true });
  expect(sent).toEqual(['2: 4 0', '2: 1 0', '2: 3 0', '2: 11 0']);
});

test('lamps with reports of their own, and none for what it cannot show', async () => {
  const { headset, sent } = await worn(yealink);
  await headset.show({ ...dark, ring: true });
  await headset.show({ ...dark, offHook: true, mute: true });
  expect(sent).toEqual(['10: 1', '9: 1', '10: 0']);
});

test('what the device answers to a lamp is no button, and what follows is', async () => {
  const { headset, press, heard, clock } = await worn(jabra);
  await headset.show({ ...dark, offHook: true });
  clock.now += 100;
  press(2, 1, 0);
  expect(heard).toEqual([]);
  clock.now += 400;
  press(2, 0, 0);
  expect(heard).toEqual(['hook off']);
});

test('a headset that another program holds is told apart', async () => {
  const { device } = stub(jabra, true);
  expect(await new Headset(device, () => undefined).open()).toBe(false);
});

test('closing puts the lamps out and lets the device go', async () => {
  const { headset, device, sent, press, heard } = await worn(jabra);
  await headset.show({ ...dark, offHook: true });
  await headset.close();
  press(2, 1, 0);
  expect([sent.at(-1), device.opened, heard.length]).toEqual(['2: 0 0', false, 0]);
});

test('only what has the telephony page is a headset', async () => {
  const from = (...devices: Device[]): Hid => ({ getDevices: async () => devices, requestDevice: async () => devices });
  const mouse = stub([{ usagePage: 1 }]).device;
  const headset = stub(yealink).device;
  expect(await known(from(mouse, headset))).toBe(headset);
  expect(await known(from(mouse))).toBeUndefined();
  expect(await chosen(from(headset))).toBe(headset);
});

test('a button means what fits the call of now', () => {
  const idle = { ringing: false, talking: false };
  const rings = { ringing: true, talking: false };
  const talks = { ringing: false, talking: true };
  const all = (state: typeof idle): (string | undefined)[] => [
    wish('hook', true, state),
    wish('hook', false, state),
    wish('hook', undefined, state),
    ...(['drop', 'reject', 'mute', 'flash'] as Button[]).map((b) => wish(b, undefined, state)),
  ];
  const none = undefined;
  expect(all(idle)).toEqual([none, none, none, none, none, none, none]);
  expect(all(rings)).toEqual(['answer', none, 'answer', 'reject', 'reject', none, none]);
  expect(all(talks)).toEqual([none, 'hangUp', 'hangUp', 'hangUp', none, 'mute', 'hold']);
});
