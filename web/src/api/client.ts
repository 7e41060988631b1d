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

// inWords is a sentence of the server in the page's language. Few pages are ever refused anything: the words come when they are.
export async function inWords(sentence: string): Promise<string> {
  try {
    if (!document.documentElement.lang.startsWith('zh')) return sentence;
    return (await import('../i18n/refusals')).inChinese(sentence);
  } catch {
    return sentence; // the connection is gone
  }
}

// inItsWords is a finding in the page's language.
export async function inItsWords(f: Finding): Promise<Finding> {
  return { ...f, text: await inWords(f.text) };
}

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

// Refusal is a problem as it comes: with errors where several things are wrong, or where one is that is not a sentence's to say.
interface Refusal {
  detail?: string;
  errors?: { message: string; location?: string; value?: unknown }[];
}

const isFinding = (value: unknown): value is Finding => typeof (value as Finding | undefined)?.text === 'string';

// problemOf reads what a refusing answer says.
export async function problemOf(response: Response): Promise<Problem> {
  let sentence = await inWords(`The server answered ${response.status}.`);
  let findings: Finding[] = [];
  try {
    const { detail, errors = [] } = (await response.clone().json()) as Refusal;
    const [first] = errors;
    findings = await Promise.all(errors.flatMap(({ value }) => (isFinding(value) ? [inItsWords(value)] : [])));
    if (isFinding(first?.value))
      sentence = first.message.slice(0, -first.value.text.length) + findings[0]?.text; // which says first where it is
    else if (first) sentence = [first.location?.replace(/^body\.?/, ''), await inWords(first.message)].filter(Boolean).join(': ');
    else if (detail) sentence = await inWords(detail);
  } catch {
    // not JSON: the status has to do
  }
  return new Problem(response.status, sentence, findings);
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
    throw await problemOf(response);
  },
  async onError() {
    return new Error(await inWords('The server does not answer.')); // what the browser says is of its own kind and language
  },
});

// take unwraps an answer: refusals were thrown before.
export async function take<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

const rank: Record<Role, number> = { agent: 0, supervisor: 1, admin: 2 };

// may is true for who has the role or one above it.
export const may = (me: Me, role: Role) => rank[me.role] >= rank[role];
