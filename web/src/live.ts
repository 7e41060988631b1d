import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, may, take } from './api/client';
import { useMe } from './session';

const often = 2_000; // what is live is asked for at most twice a second and at least every two seconds

export const useAgents = () =>
  useQuery({ queryKey: ['live', 'agents'], queryFn: () => take(api.GET('/api/v1/agents')), refetchInterval: often });

export const useQueues = () =>
  useQuery({ queryKey: ['live', 'queues'], queryFn: () => take(api.GET('/api/v1/queues')), refetchInterval: often });

// useQueueName is how people call a queue.
export function useQueueName(): (id?: string) => string {
  const queues = useQueues().data;
  return (id) => queues?.find((q) => q.id === id)?.name || id || '';
}

export const useWaiting = () =>
  useQuery({ queryKey: ['live', 'waiting'], queryFn: () => take(api.GET('/api/v1/queues/waiting')), refetchInterval: often });

export const useLiveCalls = () =>
  useQuery({ queryKey: ['live', 'calls'], queryFn: () => take(api.GET('/api/v1/calls/live')), refetchInterval: often });

// useEvents asks anew for what is live as soon as something happened, twice a second at most. Only supervisors may listen.
export function useEvents() {
  const client = useQueryClient();
  const listens = may(useMe(), 'supervisor');
  useEffect(() => {
    if (!listens) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: ['live'] });
      }, 500);
    };
    const stream = new EventSource('/api/v1/events');
    stream.addEventListener('fact', soon);
    stream.addEventListener('agent', soon);
    return () => {
      stream.close();
      clearTimeout(timer);
    };
  }, [client, listens]);
}
