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

// Spoken is an error whose sentence a page can have anew when it speaks another language than it did.
export class Spoken extends Error {
  constructor(
    sentence: string,
    readonly anew: () => Promise<string>,
  ) {
    super(sentence);
  }
}

// Problem is what the API answers when it refuses (RFC 9457): a status and a sentence for a person.
export class Problem extends Spoken {
  constructor(
    readonly status: number,
    sentence: string,
    anew = async () => sentence,
    readonly findings: Finding[] = [], // of a centre that was refused
  ) {
    super(sentence, anew);
  }
}

// Refusal is a problem as it comes: with errors where several things are wrong, or where one is that is not a sentence's to say.
interface Refusal {
  detail?: string;
  errors?: { message: string; location?: string; value?: unknown }[];
}

const isFinding = (value: unknown): value is Finding => typeof (value as Finding | undefined)?.text === 'string';

// sentenceOf is what a refusal says first, in the page's language.
async function sentenceOf(status: number, { detail, errors }: Refusal): Promise<string> {
  const first = errors?.[0];
  if (isFinding(first?.value)) return first.message.slice(0, -first.value.text.length) + (await inWords(first.value.text)); // which says first where it is
  if (first) return [first.location?.replace(/^body\.?/, ''), await inWords(first.message)].filter(Boolean).join(': ');
  return inWords(detail || `The server answered ${status}.`);
}

// problemOf reads what a refusing answer says.
export async function problemOf(response: Response): Promise<Problem> {
  const { status } = response;
  let refusal: Refusal = {};
  try {
    refusal = (await response.clone().json()) ?? {};
  } catch {
    // not JSON: the status has to do
  }
  const anew = () => sentenceOf(status, refusal);
  const findings = (refusal.errors ?? []).flatMap(({ value }) => (isFinding(value) ? [inItsWords(value)] : []));
  return new Problem(status, await anew(), anew, await Promise.all(findings));
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
    const anew = () => inWords('The server does not answer.'); // what the browser says is of its own kind and language
    return new Spoken(await anew(), anew);
  },
});

// take unwraps an answer: refusals were thrown before.
export async function take<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

const rank: Record<Role, number> = { agent: 0, supervisor: 1, admin: 2 };

// may is true for who has the role or one above it.
export const may = (me: Me, role: Role) => rank[me.role] >= rank[role];
