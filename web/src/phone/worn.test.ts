import { expect, test } from 'vitest';
import type { Device, Hid } from './headset';
import { Worn } from './worn';

const u = (page: number, usage: number) => (page << 16) | usage;

// stub is a headset with one touch button for mute, which another program may hold.
function stub(taken = false) {
  const hearers = new Set<(e: { reportId: number; data: DataView }) => void>();
  const device: Device = {
    productName: 'stub',
    opened: false,
    collections: [
      { usagePage: 0x0b, inputReports: [{ reportId: 1, items: [{ usages: [u(0x0b, 0x2f)], reportSize: 1, reportCount: 1 }] }] },
    ],
    async open() {
      if (taken) throw new DOMException('Failed to open the device.', 'NotAllowedError');
      device.opened = true;
    },
    async close() {
      device.opened = false;
    },
    async sendReport() {},
    addEventListener: (_, f) => hearers.add(f),
    removeEventListener: (_, f) => hearers.delete(f),
  };
  const press = () => {
    for (const octet of [1, 0]) for (const hear of hearers) hear({ reportId: 1, data: new DataView(Uint8Array.of(octet).buffer) });
  };
  const from: Hid = { getDevices: async () => [device], requestDevice: async () => [device] };
  return { device, press, from, release: () => (taken = false) };
}

const settled = () => new Promise((done) => setTimeout(done, 0));

test('two who listen hear one press once each, and the headset is given back after the last', async () => {
  const { device, press, from } = stub();
  const worn = new Worn(from);
  expect(worn.state.is).toBe('none');
  const heard: string[] = [];
  const desk = worn.hear((b) => heard.push(`desk ${b}`));
  const page = worn.hear((b) => heard.push(`page ${b}`));
  await settled();
  press();
  expect(heard).toEqual(['desk mute', 'page mute']);
  page();
  press();
  expect([heard.length, device.opened]).toEqual([3, true]);
  desk();
  await settled();
  expect([device.opened, worn.state.is]).toEqual([false, 'none']);
});

test('one that another program holds is busy until it is let go', async () => {
  const { device, from, release } = stub(true);
  const worn = new Worn(from);
  let told = 0;
  worn.watch(() => told++);
  worn.hear(() => undefined);
  await settled();
  expect([worn.state.is, told]).toEqual(['busy', 1]);
  release();
  await worn.take(device);
  expect(worn.state.is).toBe('on');
});

test('who stops listening while it opens does not keep it', async () => {
  const { device, from } = stub();
  const worn = new Worn(from);
  worn.hear(() => undefined)();
  await settled();
  expect([device.opened, worn.state.is]).toEqual([false, 'none']);
});
