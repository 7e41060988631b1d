import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App } from 'antd';
import { useCallback } from 'react';
import { type Agent, api, type CallRecord, type Live, type Part, take } from './api/client';
import { useAgents, useLiveCalls } from './live';
import { useMe } from './session';

// Mine is an agent's own side of the floor: their state, the live call that rings or is talked on at them, and their part in it.
export interface Mine {
  agent: string;
  self?: Agent;
  call?: Live;
  part?: Part;
}

// partOf is what the agent does in a call now; undefined when nothing.
export const partOf = (c: CallRecord, agent: string): Part | undefined =>
  c.agents?.findLast((p) => p.agent === agent && !p.left && !p.refused);

// useMine is empty for who is no agent.
export function useMine(): Mine {
  const { agent = '' } = useMe();
  const live = useLiveCalls().data ?? [];
  const self = useAgents().data?.find((a) => a.id === agent);
  if (!agent) return { agent };
  const call = live.find((c) => partOf(c, agent)?.connected) ?? live.find((c) => partOf(c, agent));
  return { agent, self, call, part: call && partOf(call, agent) };
}

// useBeside is what is shown beside a call: what came before it, and whether it is held or recorded now. It is asked anew when anything
// happens in the call.
export function useBeside(id?: string) {
  const facts = useLiveCalls().data?.find((c) => c.call === id)?.facts;
  return useQuery({
    queryKey: ['live', 'beside', id, facts],
    enabled: id !== undefined,
    placeholderData: (old, query) => (query?.queryKey[2] === id ? old : undefined),
    queryFn: () => take(api.GET('/api/v1/calls/{id}/desk', { params: { path: { id: id ?? '' } } })),
  });
}

export type Beside = NonNullable<ReturnType<typeof useBeside>['data']>;

export type Verb =
  | 'hold'
  | 'resume'
  | 'transfer'
  | 'consult'
  | 'swap'
  | 'complete'
  | 'cancel'
  | 'merge'
  | 'add'
  | 'remove'
  | 'mute'
  | 'unmute'
  | 'park'
  | 'move'
  | 'pick-up'
  | 'survey'
  | 'hangup'
  | 'listen'
  | 'whisper'
  | 'barge'
  | 'take-over'
  | 'leave';

// useCommand asks something of a live call; what went wrong is shown, and false.
export function useCommand() {
  const { message } = App.useApp();
  const client = useQueryClient();
  return useCallback(
    async (id: string, what: Verb, more: { to?: string; agent?: string; leg?: string } = {}) => {
      try {
        await api.POST('/api/v1/calls/{id}/commands', { params: { path: { id } }, body: { what, ...more } });
      } catch (err) {
        message.error((err as Error).message);
        return false;
      }
      setTimeout(() => void client.invalidateQueries({ queryKey: ['live'] }), 150); // the call needs a moment to do it
      return true;
    },
    [client, message],
  );
}
