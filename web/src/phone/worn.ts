import { type Button, type Device, Headset, type Hid, hid, known, type Lamps } from './headset';

// State is what is known of the headset's buttons: there are none, another program holds them, or they are ours.
export type State = { is: 'none' } | { is: 'busy'; device: Device } | { is: 'on'; headset: Headset };

type Pressed = (button: Button, on?: boolean) => void;

// Worn is the headset whose buttons are ours: the one chosen before as soon as it is plugged in, or another. It is held only while
// somebody listens, so that other programs have it else.
export class Worn {
  state: State = { is: 'none' };
  private listeners = new Set<Pressed>();
  private watchers = new Set<() => void>();
  private taking?: Device;

  constructor(readonly from: Hid | undefined = hid()) {}

  private set(state: State) {
    this.state = state;
    for (const tell of this.watchers) tell();
  }

  // watch calls tell after each change of state; what it returns ends that.
  watch = (tell: () => void) => {
    this.watchers.add(tell);
    return () => {
      this.watchers.delete(tell);
    };
  };

  // hear tells pressed of each button from now on; what it returns ends that.
  hear(pressed: Pressed): () => void {
    const first = this.listeners.size === 0;
    this.listeners.add(pressed);
    if (first) this.begin();
    return () => {
      this.listeners.delete(pressed);
      if (this.listeners.size === 0) this.end();
    };
  }

  private begin() {
    const events = this.from as Partial<EventTarget> | undefined;
    events?.addEventListener?.('connect', this.look);
    events?.addEventListener?.('disconnect', this.gone);
    this.look();
  }

  private end() {
    const events = this.from as Partial<EventTarget> | undefined;
    events?.removeEventListener?.('connect', this.look);
    events?.removeEventListener?.('disconnect', this.gone);
    if (this.state.is === 'on') void this.state.headset.close();
    this.set({ is: 'none' });
  }

  private look = () => {
    if (this.from) void known(this.from).then((device) => this.take(device));
  };

  private gone = (e: Event) => {
    if (this.state.is === 'on' && (e as Event & { device?: Device }).device === this.state.headset.device) this.set({ is: 'none' });
  };

  // take makes a device the headset, in place of another; undefined is none and changes nothing.
  async take(device: Device | undefined) {
    const mine = this.state.is === 'on' ? this.state.headset : undefined;
    if (!device || this.listeners.size === 0 || device === mine?.device || device === this.taking) return;
    this.taking = device;
    const headset = new Headset(device, (button, on) => {
      for (const pressed of this.listeners) pressed(button, on);
    });
    const ours = await headset.open();
    this.taking = undefined;
    if (this.listeners.size === 0) {
      if (ours) void headset.close(); // nobody listens any more
      return;
    }
    if (mine) void mine.close();
    this.set(ours ? { is: 'on', headset } : { is: 'busy', device });
  }

  // show lights the lamps, where there is a headset.
  show(lamps: Lamps) {
    if (this.state.is === 'on') void this.state.headset.show(lamps);
  }
}
