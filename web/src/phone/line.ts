import type { Event, Reply, TurnedFloor } from './protocol';

type Command = { do: string } & Record<string, unknown>;

const firstPause = 500; // ms before a lost connection is tried again; it doubles
const longestPause = 8_000;
const signedOut = 4401; // whoever it was may no longer telephone here
const patience = 15_000; // ms for an answer

// Line is the WebSocket of a tab: commands and their answers, events, and coming back after a loss.
export class Line {
  private socket?: WebSocket;
  private id = 0;
  private waiting = new Map<number, { resolve: (r: Reply) => void; reject: (err: Error) => void }>();
  private pause = firstPause;
  private timer?: ReturnType<typeof setTimeout>;
  closed = false; // it does not come back
  private tab = [...crypto.getRandomValues(new Uint8Array(8))].join('.'); // so that the server knows this page again

  // hello are the fields of the command that makes it a telephone, undefined where it is to be none; of a page that was cut off it is asked
  // again. hear and state are the telephone's.
  constructor(
    public hello: () => Record<string, unknown> | undefined,
    public hear: (ev: Event) => void,
    public state: (up: boolean) => void,
    private address = `${window.location.origin}/api/v1/softphone`,
  ) {}

  open(take: boolean) {
    if (this.closed) return;
    const socket = new WebSocket(this.address.replace(/^http/, 'ws'));
    this.socket = socket;
    socket.onopen = () => {
      this.pause = firstPause;
      if (this.live)
        this.send({ do: 'watch' }).then(
          () => this.opened(true),
          () => socket.close(),
        );
      this.greet(take);
    };
    socket.onmessage = (m) => this.take(JSON.parse(String(m.data)));
    socket.onclose = (ev) => {
      if (ev.code === signedOut) void this.ended(socket);
      else this.lost(socket);
    };
  }

  // ended goes on after the server's word that it is over only where the session is not: somebody's phone changed, say.
  private async ended(socket: WebSocket) {
    this.pause = longestPause;
    if (!(await this.still())) this.closed = true;
    this.lost(socket);
  }

  // still says whether there is a session yet; a page that has one puts its own in place.
  still: () => Promise<boolean> = async () => false;

  // live hears what is live, which is asked for where somebody wants to hear; opened, whether it comes.
  live?: (ev: TurnedFloor) => void;
  opened: (up: boolean) => void = () => {};

  // greet makes an open connection a telephone, where it is to be one.
  greet(take: boolean) {
    const hello = this.hello();
    const socket = this.socket;
    if (!hello || socket?.readyState !== WebSocket.OPEN) return;
    this.send({ do: 'hello', v: 1, take, tab: this.tab, ...hello }).then(
      () => this.state(true),
      (err: Error) => {
        if (this.socket !== socket) return; // it was lost meanwhile
        this.refused(err);
        if (!this.live) socket.close();
      },
    );
  }

  // renew begins with a new connection, at once.
  renew() {
    this.pause = 0;
    this.socket?.close();
  }

  // refused hears why the server did not want to hear more; a page may put its own in place.
  refused: (why: Error) => void = () => {};

  private take(message: Event | TurnedFloor | Reply) {
    if ('event' in message && message.event === 'live') {
      this.live?.(message);
      return;
    }
    if (!('re' in message)) {
      this.hear(message);
      return;
    }
    const waiter = this.waiting.get(message.re);
    this.waiting.delete(message.re);
    if (message.ok) waiter?.resolve(message);
    else waiter?.reject(new Error(message.error, { cause: message.code }));
  }

  private lost(socket: WebSocket) {
    if (this.socket !== socket) return;
    this.socket = undefined;
    this.state(false);
    this.opened(false);
    for (const waiter of this.waiting.values()) waiter.reject(new Error('the connection was lost'));
    this.waiting.clear();
    if (this.closed) return;
    this.timer = setTimeout(() => this.open(false), this.pause);
    this.pause = Math.min(Math.max(this.pause, firstPause / 2) * 2, longestPause);
  }

  send(command: Command): Promise<Reply> {
    const socket = this.socket;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.reject(new Error('the connection was lost'));
    this.id++;
    const id = this.id;
    socket.send(JSON.stringify({ ...command, id }));
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error('no answer'));
      }, patience);
      const done =
        <T>(f: (x: T) => void) =>
        (x: T) => {
          clearTimeout(late);
          f(x);
        };
      this.waiting.set(id, { resolve: done(resolve), reject: done(reject) });
    });
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }
}
