// Seat is which tab of this browser has the sound: the one that holds the lock. The server has the last word on it; the lock (Web
// Locks) keeps a new tab from taking the sound away, and is free again as soon as its tab is gone, however it went.
export class Seat {
  held = false;
  lost = () => {}; // another tab has taken it
  private leave?: () => void;
  private waits?: AbortController;

  constructor(
    private locks: Pick<LockManager, 'request'> | undefined, // undefined: the browser has none
    private name = 'hotline.softphone',
  ) {}

  // sit takes the seat if it is free, and else waits for it; it is settled as soon as it is known which.
  async sit(): Promise<void> {
    if (!this.locks) {
      this.held = true; // a browser without locks
      return;
    }
    if (!(await this.ask({ ifAvailable: true }))) this.wait();
  }

  // seize takes the seat from whichever tab has it.
  async seize(): Promise<void> {
    if (this.held) return;
    this.waits?.abort();
    await this.ask({ steal: true });
  }

  stand() {
    this.waits?.abort();
    this.leave?.();
    this.held = false;
  }

  private wait() {
    this.waits = new AbortController();
    void this.ask({ signal: this.waits.signal });
  }

  private ask(options: LockOptions): Promise<boolean> {
    return new Promise((known) => {
      this.locks
        ?.request(this.name, options, (lock) => {
          this.held = lock !== null;
          known(this.held);
          return this.held ? new Promise<void>((leave) => (this.leave = leave)) : undefined;
        })
        .catch(() => {
          known(false);
          if (!this.held || options.signal?.aborted) return; // it was waited for, and is not wanted any more
          this.held = false;
          this.wait();
          this.lost();
        });
    });
  }
}
