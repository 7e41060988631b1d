import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, inItsWords, inWords, take } from '../../api/client';
import type { components } from '../../api/schema';
import type { Fields } from './item';

export { type Fields, merged, namePath, plain } from './item';

type Schemas = components['schemas'];

// Kinds are the items of a centre, by the API's name of each.
export interface Kinds {
  trunk: Schemas['ConfigTrunk'];
  number: Schemas['ConfigNumber'];
  route: Schemas['ConfigRoute'];
  queue: Schemas['ConfigQueue'];
  person: Schemas['ConfigPerson'];
  phone: Schemas['ConfigPhone'];
  calendar: Schemas['ConfigCalendar'];
  callers: Schemas['ConfigCallers'];
  outside: Schemas['ConfigOutside'];
  codes: Schemas['ConfigCodes'];
  flow: Schemas['ConfigFlowSource'];
}
export type Kind = keyof Kinds;

// Kept is one item as the API has it.
export interface Kept<T = Fields> {
  id: string;
  revision: number;
  updatedAt: string;
  updatedBy?: string;
  item: T;
}

export interface Query {
  search?: string;
  where?: string[];
  sort?: string;
  offset?: number;
  limit?: number;
}

interface Page {
  items: Kept[];
  total: number;
}

export const readers: Record<Kind, (query: Query) => Promise<Page>> = {
  trunk: (query) => take(api.GET('/api/v1/config/trunks', { params: { query } })) as Promise<Page>,
  number: (query) => take(api.GET('/api/v1/config/numbers', { params: { query } })) as Promise<Page>,
  route: (query) => take(api.GET('/api/v1/config/routes', { params: { query } })) as Promise<Page>,
  queue: (query) => take(api.GET('/api/v1/config/queues', { params: { query } })) as Promise<Page>,
  person: (query) => take(api.GET('/api/v1/config/people', { params: { query } })) as Promise<Page>,
  phone: (query) => take(api.GET('/api/v1/config/phones', { params: { query } })) as Promise<Page>,
  calendar: (query) => take(api.GET('/api/v1/config/calendars', { params: { query } })) as Promise<Page>,
  callers: (query) => take(api.GET('/api/v1/config/callers', { params: { query } })) as Promise<Page>,
  outside: (query) => take(api.GET('/api/v1/config/outside', { params: { query } })) as Promise<Page>,
  codes: (query) => take(api.GET('/api/v1/config/codes', { params: { query } })) as Promise<Page>,
  flow: (query) => take(api.GET('/api/v1/config/flows', { params: { query } })) as Promise<Page>,
};

// useItems is a page of the items of a kind.
export const useItems = (kind: Kind, query: Query = { limit: 1000 }, enabled = true) =>
  useQuery({ queryKey: ['config', kind, query], queryFn: () => readers[kind](query), placeholderData: keepPreviousData, enabled });

export interface Change {
  kind: Kind;
  id?: string;
  revision?: number;
  item?: Fields; // absent: removed
}

// usePublish changes the centre; check only says what would be wrong.
export function usePublish() {
  const client = useQueryClient();
  return async (changes: Change[], note = '', check = false) => {
    const done = await take(api.POST('/api/v1/config/publish', { body: { changes, note: note || undefined, check: check || undefined } }));
    if (!check) await client.invalidateQueries({ queryKey: ['config'] });
    const [warnings, notTaken] = await Promise.all([
      Promise.all((done.warnings ?? []).map(inItsWords)),
      done.notTaken ? inWords(done.notTaken) : undefined,
    ]);
    return { ...done, warnings, notTaken };
  };
}
