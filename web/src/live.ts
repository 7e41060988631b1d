import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';
import { may } from './api/client';
import { early } from './early';
import type { Floor } from './floor';
import { useMe } from './session';
import { Tab } from './tab';

export const Here = createContext<Tab | null>(null);

// useNewTab is the connection of this tab, from the sign-in on.
export function useNewTab(): Tab {
  const me = useMe();
  const { id, agent } = me;
  const supervises = may(me, 'supervisor');
  const tab = useMemo(() => early.of(id, agent) ?? new Tab(supervises), [id, agent, supervises]);
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

// useLost is the time of what is shown, ms, where the server does not answer any more: 0 while it does.
export function useLost(): number {
  const tab = useTab();
  return useSyncExternalStore(tab.hear, () => tab.lost);
}

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
