import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';
import { api, may, take } from './api/client';
import { after, type Floor } from './floor';
import { Line } from './phone/line';
import { useMe } from './session';

const patience = 3_000; // ms without a connection, until the pages ask by themselves
const often = 2_000; // ms between two askings

// Tab is the one connection of this tab to the server: what is live comes by it, and so does the telephone of who has one.
export class Tab {
  floor: Floor = {};
  readonly line: Line;
  private hearers = new Set<() => void>();
  private timer?: ReturnType<typeof setTimeout>;
  private up = false;

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
      this.up = up;
      this.wait(patience);
    };
  }

  begin() {
    this.line.closed = false;
    this.line.open(true);
    this.wait(patience);
  }

  end() {
    clearTimeout(this.timer);
    this.line.close();
  }

  // wait asks by itself where the connection stays away: a node may have no telephones, a proxy no WebSockets.
  private wait(ms: number) {
    clearTimeout(this.timer);
    if (!this.up) this.timer = setTimeout(() => void this.ask(), ms);
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
    } catch {
      // the server is away: the next time
    }
    this.wait(often);
  }

  private set(floor: Floor) {
    this.floor = floor;
    for (const hear of this.hearers) hear();
  }

  hear = (f: () => void) => {
    this.hearers.add(f);
    return () => this.hearers.delete(f);
  };
}

export const Here = createContext<Tab | null>(null);

// useNewTab is the connection of this tab, from the sign-in on.
export function useNewTab(): Tab {
  const supervises = may(useMe(), 'supervisor');
  const tab = useMemo(() => new Tab(supervises), [supervises]);
  useEffect(() => {
    tab.begin();
    return () => tab.end();
  }, [tab]);
  return tab;
}

// useTab is the connection of this tab; only screens behind the sign-in ask.
export function useTab(): Tab {
  const tab = useContext(Here);
  if (!tab) throw new Error('nobody is signed in');
  return tab;
}

// Told is something live: undefined data until the server said how it is.
interface Told<T> {
  data: T | undefined;
  isPending: boolean;
  error: null;
  refetch: () => void;
}

function useFloor<T>(what: (floor: Floor) => T | undefined): Told<T> {
  const tab = useTab();
  const data = useSyncExternalStore(tab.hear, () => what(tab.floor));
  return { data, isPending: data === undefined, error: null, refetch: () => {} };
}

export const useAgents = () => useFloor((f) => f.agents);
// useAgent is one agent: another one's change does not draw anew what shows it.
export const useAgent = (id?: string) => useFloor((f) => f.agents?.find((a) => a.id === id)).data;
export const useQueues = () => useFloor((f) => f.queues);
export const useWaiting = () => useFloor((f) => f.waiting);
export const useLiveCalls = () => useFloor((f) => f.calls);

// useAgentName and useQueueNameOf are how people call one agent or queue; the id while that is not known.
export const useAgentName = (id: string) => useFloor((f) => f.agents?.find((a) => a.id === id)?.name || id).data ?? id;
export const useQueueNameOf = (id: string) => useFloor((f) => f.queues?.find((q) => q.id === id)?.name || id).data ?? id;

// useAgentNames is how people call an agent, and useQueueName a queue.
export function useAgentNames(): (id?: string) => string {
  const agents = useAgents().data;
  return (id) => agents?.find((a) => a.id === id)?.name || id || '';
}

export function useQueueName(): (id?: string) => string {
  const queues = useQueues().data;
  return (id) => queues?.find((q) => q.id === id)?.name || id || '';
}
