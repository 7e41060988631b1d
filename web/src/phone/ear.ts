import type { Live } from '../api/client';

const listen = 'listen ';

// asListener is how the call is shown by which a supervisor listens to an agent.
export const asListener = (agent: string): string => listen + agent;

// heardOf is the agent to whom a supervisor listens by a call that is shown so; undefined for any other call.
export const heardOf = (display?: string): string | undefined => (display?.startsWith(listen) ? display.slice(listen.length) : undefined);

// listenerTo is the supervisor who listens to an agent now: a call has room for one.
export const listenerTo = (agent: string, calls?: Live[]): string | undefined =>
  calls?.find((c) => c.supervisor?.of === agent)?.supervisor?.agent;
