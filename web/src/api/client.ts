import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

type Schemas = components['schemas'];
export type Me = Schemas['Me'];
export type CallRecord = Schemas['CdrRecord'];
export type Live = Schemas['LiveCall'];
export type Part = Schemas['CdrPart'];
export type Member = Schemas['CdrMember'];
export type Leg = Schemas['CdrLeg'];
export type Fact = Schemas['CallFact'];
export type Ticket = Schemas['TicketTicket'];
export type Queue = Schemas['QueueView'];
export type Agent = Schemas['AgentView'];
export type Waiting = Schemas['WaitingView'];
export type Recording = Schemas['RecordingRow'];
export type Trunk = Schemas['TrunkView'];
export type Finding = Schemas['CentreFinding'];
export type Role = Me['role'];
export type AgentState = 'offline' | 'ready' | 'not-ready' | 'offered' | 'talking' | 'wrap-up' | 'missed';

// Problem is what the API answers when it refuses (RFC 9457): a status and a sentence for a person.
export class Problem extends Error {
  constructor(
    readonly status: number,
    sentence: string,
    readonly findings: Finding[] = [], // of a centre that was refused
  ) {
    super(sentence);
  }
}

const signedOut = new Set<() => void>();

// onSignedOut hears that the session is over, whoever noticed. It returns how to stop listening.
export function onSignedOut(hear: () => void): () => void {
  signedOut.add(hear);
  return () => signedOut.delete(hear);
}

export const api = createClient<paths>({ baseUrl: window.location.origin });

api.use({
  async onResponse({ response, schemaPath }) {
    if (response.ok) return undefined;
    if (response.status === 401 && schemaPath !== '/api/v1/session') for (const hear of signedOut) hear();
    let sentence = `${response.status} ${response.statusText}`;
    let findings: Finding[] = [];
    try {
      const body = await response.clone().json();
      sentence = body.errors?.[0]?.message ?? body.detail ?? sentence;
      findings = (body.errors ?? []).map((e: { value?: Finding }) => e.value).filter((f?: Finding) => typeof f?.text === 'string');
    } catch {
      // not JSON: the status has to do
    }
    throw new Problem(response.status, sentence, findings);
  },
});

// take unwraps an answer: refusals were thrown before.
export async function take<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

const rank: Record<Role, number> = { agent: 0, supervisor: 1, admin: 2 };

// may is true for who has the role or one above it.
export const may = (me: Me, role: Role) => rank[me.role] >= rank[role];
