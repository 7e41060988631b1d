import { api, Problem, take } from './api/client';
import { after, type Floor } from './floor';
import { stand } from './parts/present';
import { Line } from './phone/line';

const patience = 3_000; // ms without a connection, until the pages ask by themselves
const often = 2_000; // ms between two askings

// Tab is the one connection of this tab to the server: what is live comes by it, and so does the telephone of who has one.
export class Tab {
  floor: Floor = {};
  readonly line: Line;
  private hearers = new Set<() => void>();
  private timer?: ReturnType<typeof setTimeout>;
  private up = false;
  private begun = false;
  private told = 0; // when the server was heard last, where the connection is lost, ms

  // lost is the time of what is shown, ms, where the server answers nothing any more: 0 while it does.
  lost = 0;

  constructor(private supervises: boolean) {
    this.line = new Line(
      () => undefined,
      () => {},
      () => {},
    );
    this.line.still = () =>
      api.GET('/api/v1/session').then(
        () => true,
        () => false,
      );
    this.line.live = (ev) => this.set(after(this.floor, ev));
    this.line.opened = (up) => {
      if (up) this.found();
      else if (this.up) this.told = Date.now();
      this.up = up;
      this.wait(patience);
    };
  }

  // begin connects; a tab that has begun goes on.
  begin() {
    if (this.begun) return;
    this.begun = true;
    this.line.closed = false;
    this.told = Date.now();
    this.line.open(true);
    this.wait(patience);
  }

  end() {
    this.begun = false;
    clearTimeout(this.timer);
    this.found();
    this.line.close();
  }

  // wait asks by itself where the connection stays away: a node may have no telephones, a proxy no WebSockets.
  private wait(ms: number) {
    clearTimeout(this.timer);
    if (this.begun && !this.up) this.timer = setTimeout(() => void this.ask(), ms);
  }

  private async ask() {
    try {
      const [agents, queues, calls, waiting] = await Promise.all([
        take(api.GET('/api/v1/agents')),
        take(api.GET('/api/v1/queues')),
        take(api.GET('/api/v1/calls/live')),
        this.supervises ? take(api.GET('/api/v1/queues/waiting')) : [],
      ]);
      if (!this.up) this.set({ agents: agents ?? [], queues: queues ?? [], calls: calls ?? [], waiting: waiting ?? [] });
      this.told = Date.now();
      this.found();
    } catch (err) {
      if (!this.up && !(err instanceof Problem && err.status < 500)) this.lose(); // it is asked again
    }
    this.wait(often);
  }

  private set(floor: Floor) {
    this.floor = floor;
    this.tell();
  }

  private lose() {
    if (this.lost) return;
    this.lost = this.told;
    stand(this.lost);
    this.tell();
  }

  private found() {
    if (!this.lost) return;
    this.lost = 0;
    stand(0);
    this.tell();
  }

  private tell() {
    for (const hear of this.hearers) hear();
  }

  hear = (f: () => void) => {
    this.hearers.add(f);
    return () => this.hearers.delete(f);
  };
}
