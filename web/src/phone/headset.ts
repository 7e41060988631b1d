// The buttons and lamps of a headset by WebHID: whatever its maker, by what its report descriptor says of the telephony page.

// The part of WebHID that is used here; the types of the DOM do not have it.
export interface Item {
  usages?: number[];
  isRange?: boolean;
  usageMinimum?: number;
  isAbsolute?: boolean;
  isArray?: boolean;
  isConstant?: boolean;
  logicalMinimum?: number;
  reportSize?: number;
  reportCount?: number;
}

export interface Report {
  reportId?: number;
  items?: Item[];
}

export interface Collection {
  usagePage?: number;
  inputReports?: Report[];
  outputReports?: Report[];
  children?: Collection[];
}

export interface Device {
  productName: string;
  opened: boolean;
  collections: Collection[];
  open(): Promise<void>;
  close(): Promise<void>;
  sendReport(id: number, data: Uint8Array): Promise<void>;
  addEventListener(kind: 'inputreport', hear: (e: { reportId: number; data: DataView }) => void): void;
  removeEventListener(kind: 'inputreport', hear: (e: { reportId: number; data: DataView }) => void): void;
}

const telephony = 0x0b;
const use = (page: number, usage: number) => (page << 16) | usage;

// buttons are what a person does with a headset, lamps what it shows; the lists are the usages in the order of preference.
const buttons = {
  hook: [use(telephony, 0x20)],
  mute: [use(telephony, 0x2f)],
  flash: [use(telephony, 0x21)],
  drop: [use(telephony, 0x26)],
  reject: [use(0x09, 0x07)],
} as const;
const lamps = {
  offHook: [use(0x08, 0x17)],
  ring: [use(0x08, 0x18), use(telephony, 0x9e)],
  mute: [use(0x08, 0x09)],
  hold: [use(0x08, 0x20)],
} as const;

export type Button = keyof typeof buttons;
export type Lamp = keyof typeof lamps;
export type Lamps = Record<Lamp, boolean>;

// allButtons and allLamps are those that headsets may have; a headset says which of them it has.
export const allButtons = Object.keys(buttons) as Button[];
export const allLamps = Object.keys(lamps) as Lamp[];

// dark are lamps of which none is lit.
export const dark: Lamps = { offHook: false, ring: false, mute: false, hold: false };

interface Place {
  report: number;
  bit: number;
  size: number; // bits
  absolute: boolean;
  value?: number; // of an array: what the field holds when the usage is on
}

interface Layout {
  places: Map<number, Place[]>; // by usage
  bytes: Map<number, number>; // by report
}

// layout finds where in the reports each usage is.
function layout(reports: Report[]): Layout {
  const all: Layout = { places: new Map(), bytes: new Map() };
  for (const r of reports) {
    const report = r.reportId ?? 0;
    let bit = 0;
    for (const item of r.items ?? []) {
      const size = item.reportSize ?? 1;
      const count = item.reportCount ?? 1;
      for (const [usage, place] of fields(item, size, count)) {
        const found = { ...place, report, bit: bit + place.bit };
        all.places.set(usage, [...(all.places.get(usage) ?? []), found]);
      }
      bit += size * count;
    }
    all.bytes.set(report, Math.ceil(bit / 8));
  }
  return all;
}

// fields are the usages of one item, with their places from its beginning.
function fields(item: Item, size: number, count: number): [number, Place][] {
  if (item.isConstant) return [];
  const usage = (i: number) => (item.isRange ? (item.usageMinimum ?? 0) + i : item.usages?.[i]);
  const place = (bit: number): Place => ({ report: 0, bit, size, absolute: item.isAbsolute ?? false });
  const found: [number, Place][] = [];
  if (item.isArray) {
    for (const [i, u] of (item.usages ?? []).entries())
      for (let f = 0; f < count; f++) found.push([u, { ...place(f * size), value: i + (item.logicalMinimum ?? 0) }]);
    return found;
  }
  for (let i = 0; i < count; i++) {
    const u = usage(i);
    if (u !== undefined) found.push([u, place(i * size)]);
  }
  return found;
}

function read(data: DataView, { bit, size }: Place): number {
  let value = 0;
  for (let i = 0; i < size; i++) {
    const at = bit + i;
    if (at >> 3 < data.byteLength && (data.getUint8(at >> 3) >> (at & 7)) & 1) value |= 1 << i;
  }
  return value;
}

const flat = (all: Collection[]): Collection[] => all.flatMap((c) => [c, ...flat(c.children ?? [])]);

const echo = 300; // ms in which what the device says may be the answer to what we showed

// Headset is one device. pressed hears what its wearer did; on is the new state of a button that has one, undefined for a touch.
export class Headset {
  private input: Layout;
  private output: Layout;
  private state = new Map<Button, boolean>();
  private lit: Lamps = dark;
  private shownAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly device: Device,
    private pressed: (button: Button, on?: boolean) => void,
    private now: () => number = () => performance.now(),
  ) {
    const all = flat(device.collections);
    this.input = layout(all.flatMap((c) => c.inputReports ?? []));
    this.output = layout(all.flatMap((c) => c.outputReports ?? []));
  }

  has(button: Button): boolean {
    return buttons[button].some((u) => this.input.places.has(u));
  }

  lights(lamp: Lamp): boolean {
    return lamps[lamp].some((u) => this.output.places.has(u));
  }

  // open takes the device; false: another program holds it.
  async open(): Promise<boolean> {
    try {
      if (!this.device.opened) await this.device.open();
    } catch {
      return false;
    }
    this.device.addEventListener('inputreport', this.hear);
    return true;
  }

  async close() {
    this.device.removeEventListener('inputreport', this.hear);
    await this.show(dark);
    await this.device.close().catch(() => undefined); // it may be gone already
  }

  private hear = (e: { reportId: number; data: DataView }) => {
    for (const button of allButtons) {
      for (const usage of buttons[button]) {
        const places = (this.input.places.get(usage) ?? []).filter((p) => p.report === e.reportId);
        if (places.length === 0) continue;
        const on = places.some((p) => (p.value === undefined ? read(e.data, p) !== 0 : read(e.data, p) === p.value));
        this.change(button, on, places[0]?.absolute ?? false);
      }
    }
  };

  private change(button: Button, on: boolean, absolute: boolean) {
    const before = this.state.get(button) ?? false;
    this.state.set(button, on);
    if (on === before || this.now() - this.shownAt < echo) return;
    if (absolute) this.pressed(button, on);
    else if (on) this.pressed(button);
  }

  // show lights the lamps; reports in which nothing changes are not sent.
  async show(next: Lamps) {
    const before = this.lit;
    this.lit = { ...next };
    const changed = allLamps.filter((n) => before[n] !== next[n]).flatMap((n) => lamps[n].flatMap((u) => this.output.places.get(u) ?? []));
    for (const report of new Set(changed.map((p) => p.report))) {
      this.shownAt = this.now();
      await this.device.sendReport(report, this.frame(report)).catch(() => undefined); // gone, or taken: the page goes on without it
    }
  }

  // frame is a whole report: lamps that did not change keep what they show.
  private frame(report: number): Uint8Array {
    const data = new Uint8Array(this.output.bytes.get(report) ?? 1);
    for (const name of allLamps) {
      if (!this.lit[name]) continue;
      for (const p of lamps[name].flatMap((u) => this.output.places.get(u) ?? [])) {
        if (p.report === report) data[p.bit >> 3] = (data[p.bit >> 3] ?? 0) | (1 << (p.bit & 7));
      }
    }
    return data;
  }
}

export interface Hid {
  getDevices(): Promise<Device[]>;
  requestDevice(options: { filters: { usagePage: number }[] }): Promise<Device[]>;
}

// hid is the browser's, in Chrome and Edge over HTTPS; undefined elsewhere.
export const hid = (): Hid | undefined => (navigator as { hid?: Hid }).hid;

const speaks = (d: Device) => flat(d.collections).some((c) => c.usagePage === telephony);

// known is the headset that the person chose before; it may have been unplugged since.
export const known = async (from: Hid): Promise<Device | undefined> => (await from.getDevices()).find(speaks);

// chosen asks the person for a headset; it must come from a click.
export const chosen = async (from: Hid): Promise<Device | undefined> =>
  (await from.requestDevice({ filters: [{ usagePage: telephony }] })).find(speaks);

// Wish is what a button means for the calls of now.
export type Wish = 'answer' | 'reject' | 'hangUp' | 'mute' | 'hold';

// wish is what a person wants by a button; undefined for nothing. The hook follows its state where it has one, else it is a touch.
export function wish(
  button: Button,
  on: boolean | undefined,
  { ringing, talking }: { ringing: boolean; talking: boolean },
): Wish | undefined {
  switch (button) {
    case 'hook':
      if (ringing && on !== false) return 'answer';
      return talking && on !== true ? 'hangUp' : undefined;
    case 'drop':
      return talking ? 'hangUp' : ringing ? 'reject' : undefined;
    case 'reject':
      return ringing ? 'reject' : undefined;
    case 'mute':
      return talking ? 'mute' : undefined;
    case 'flash':
      return talking ? 'hold' : undefined;
  }
}
