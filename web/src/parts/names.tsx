import { useAgentName, useQueueNameOf } from '../live';

// Names of agents and queues in lists: each is drawn anew only where the name itself changed, not with every change of the floor.

export function AgentName({ id }: { id: string }) {
  return useAgentName(id);
}

export function QueueName({ id }: { id: string }) {
  return useQueueNameOf(id);
}
