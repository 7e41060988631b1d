import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const server = vi.hoisted(() => {
  const answers = { next: async () => Response.json([]) };
  vi.stubGlobal('window', { location: { origin: 'http://hotline.test' } });
  vi.stubGlobal('fetch', () => answers.next());
  vi.stubGlobal(
    'WebSocket',
    class {
      close() {}
    },
  );
  return answers;
});

import { counting, present } from './parts/present';
import { Tab } from './tab';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('a page says since when nothing comes, and stops as soon as something does', async () => {
  const tab = new Tab(true);
  tab.begin();
  tab.line.opened(true);
  await vi.advanceTimersByTimeAsync(60_000);
  const left = Date.now();
  tab.line.opened(false);
  server.next = async () => Response.json([]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(tab.lost).toBe(0); // it is asked for
  const heard = Date.now();
  for (const gone of [async () => Promise.reject(new TypeError('no network')), async () => new Response('', { status: 502 })]) {
    server.next = gone;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tab.lost).toBeGreaterThan(left);
    expect(tab.lost).toBeLessThanOrEqual(heard);
  }
  server.next = async () => Response.json([]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(tab.lost).toBe(0);
  server.next = async () => new Response('', { status: 403 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(tab.lost).toBe(0); // it answers, if not what was hoped
  tab.line.opened(false);
  server.next = async () => new Response('', { status: 502 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(tab.lost).toBeGreaterThan(0);
  tab.line.opened(true);
  expect(tab.lost).toBe(0);
  tab.end();
});

test('what counts stands at the time of what is shown while the server is not heard', async () => {
  const tab = new Tab(true);
  const leave = counting(() => {});
  tab.begin();
  tab.line.opened(true);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(present()).toBe(Date.now());
  tab.line.opened(false);
  server.next = async () => new Response('', { status: 502 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(present()).toBe(tab.lost);
  tab.line.opened(true);
  expect(present()).toBe(Date.now());
  await vi.advanceTimersByTimeAsync(3_000);
  expect(present()).toBe(Date.now());
  tab.line.opened(false);
  await vi.advanceTimersByTimeAsync(60_000);
  tab.end(); // who signs in next has a clock that goes
  expect(present()).toBe(Date.now());
  leave();
});
