// Fields are an item's keys and values, in the words of data.yml.
export type Fields = Record<string, unknown>;

// plain is a value without what says nothing: empty texts, lists and mappings, false and null.
export function plain(value: unknown): unknown {
  if (value === null || value === '' || value === false) return undefined;
  if (Array.isArray(value)) {
    const all = value.map(plain).filter((v) => v !== undefined);
    return all.length > 0 ? all : undefined;
  }
  if (typeof value === 'object') {
    const all = Object.entries(value as Fields)
      .map(([name, v]) => [name, plain(v)] as const)
      .filter(([, v]) => v !== undefined);
    return all.length > 0 ? Object.fromEntries(all) : undefined;
  }
  return value;
}

// merged is an item with the form's values over it; what the form does not know stays as it is.
export function merged(item: Fields, values: Fields): Fields {
  const out = { ...item };
  for (const [name, v] of Object.entries(values)) {
    // A group that is there says something, however empty: register: {} registers with what the trunk says elsewhere.
    const group = typeof v === 'object' && v !== null && !Array.isArray(v);
    const said = plain(v) ?? (group ? {} : undefined);
    if (said === undefined) delete out[name];
    else out[name] = said;
  }
  return out;
}

// namePath is a field as data.yml writes it, such as targets[0].address, as a form names it.
export const namePath = (field: string): (string | number)[] =>
  field
    .split(/[.[\]]+/)
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
