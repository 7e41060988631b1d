import { expect, test } from 'vitest';
import { Seat } from './seat';

// Locks are those of one browser, as the standard has them: one holder, a queue, and theft.
class Locks {
  private holder?: { end: () => void; stolen: (err: Error) => void };
  private queue: (() => void)[] = [];

  request(_: string, options: LockOptions, hold: (lock: Lock | null) => unknown) {
    return new Promise<unknown>((resolve, reject) => {
      const grant = () => {
        const mine = { end: () => this.next(mine), stolen: reject };
        this.holder = mine;
        void Promise.resolve(hold({ name: 'x', mode: 'exclusive' })).then((x) => {
          mine.end();
          resolve(x);
        });
      };
      if (options.steal) {
        this.holder?.stolen(new DOMException('stolen', 'AbortError'));
        grant();
      } else if (!this.holder) grant();
      else if (options.ifAvailable) resolve(hold(null));
      else {
        this.queue.push(grant);
        options.signal?.addEventListener('abort', () => {
          this.queue = this.queue.filter((q) => q !== grant);
          reject(new DOMException('aborted', 'AbortError'));
        });
      }
    });
  }

  private next(mine: unknown) {
    if (this.holder !== mine) return;
    this.holder = undefined;
    this.queue.shift()?.();
  }
}

const soon = () => new Promise((r) => setTimeout(r, 0));

test('one tab of a browser has the seat, and another one when that is gone', async () => {
  const locks = new Locks() as unknown as LockManager;
  const [one, two] = [new Seat(locks), new Seat(locks)];
  await one.sit();
  await two.sit();
  expect([one.held, two.held]).toEqual([true, false]);
  one.stand();
  await soon();
  expect([one.held, two.held]).toEqual([false, true]);
});

test('a seat is seized, and comes back when its taker is gone', async () => {
  const locks = new Locks() as unknown as LockManager;
  const [one, two] = [new Seat(locks), new Seat(locks)];
  await one.sit();
  await two.sit();
  const lost: string[] = [];
  one.lost = () => lost.push('one');
  two.lost = () => lost.push('two');
  await two.seize();
  await soon();
  expect([one.held, two.held, ...lost]).toEqual([false, true, 'one']);
  two.stand();
  await soon();
  expect([one.held, two.held]).toEqual([true, false]);
});

test('a browser without locks has one tab', async () => {
  const seat = new Seat(undefined);
  await seat.sit();
  expect(seat.held).toBe(true);
});
