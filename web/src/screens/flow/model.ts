import { type Document, isMap, isScalar, LineCounter, type Pair, parseDocument, type Scalar, YAMLMap } from 'yaml';
import type { components } from '../../api/schema';

export type NodeKey = components['schemas']['NodeKey'];
export type NodeKind = components['schemas']['NodeKind'];
export type Value = string | Value[] | { [key: string]: Value };
export type Path = string[];
export type Place = { x: number; y: number };

// Way is one way out of a node: where it stands in the node, and where it leads; '' for nowhere yet.
export interface Way {
  path: Path;
  to: string;
  need: boolean;
}

// Step is a node of a flow.
export interface Step {
  name: string;
  type: string;
  values: { [key: string]: Value };
  ways: Way[];
  lines: [number, number]; // of the text, from 1
  at?: Place; // where the flow's layout says
}

// Flow is what an editor draws of a text. broken is why the text is no YAML; the rest is empty then.
export interface Flow {
  id: string;
  version: string;
  language: string;
  start: string;
  person: string;
  steps: Step[];
  broken?: { line: number; text: string };
}

// Targets that are no nodes.
export const ends = ['hangup', 'return'];

// All values are texts as written: 0755 stays 0755.
const parse = (text: string, lineCounter?: LineCounter) => parseDocument(text, { schema: 'failsafe', lineCounter });

// pairOf is the pair of a key. Keys are compared as texts: 1 and "1" are the same.
const pairOf = (map: unknown, key: string): Pair | undefined =>
  isMap(map) ? map.items.find((p) => (isScalar(p.key) ? String(p.key.value) : String(p.key)) === key) : undefined;

const keyOf = (p: Pair) => (isScalar(p.key) ? String(p.key.value) : String(p.key));

const textOf = (map: unknown, key: string): string => {
  const value = pairOf(map, key)?.value;
  return isScalar(value) ? String(value.value ?? '') : '';
};

// waysOf are the ways out that the keys of a kind name.
function waysOf(keys: NodeKey[], values: { [key: string]: Value }, above: Path = []): Way[] {
  return keys.flatMap((k): Way[] => {
    const v = values[k.name];
    const path = [...above, k.name];
    switch (k.as) {
      case 'way':
        return [{ path, to: typeof v === 'string' ? v : '', need: k.need ?? false }];
      case 'ways':
      case 'key-ways':
        if (typeof v !== 'object' || Array.isArray(v)) return [];
        return Object.entries(v).map(([key, to]) => ({ path: [...path, key], to: typeof to === 'string' ? to : '', need: false }));
      case 'group':
        return waysOf(k.keys ?? [], typeof v === 'object' && !Array.isArray(v) ? v : {}, path);
      default:
        return [];
    }
  });
}

const plainOf = (node: unknown): Value => {
  const value = (node as { toJSON?: () => Value } | null)?.toJSON?.();
  return value ?? '';
};

// read draws a text by what the server says of nodes.
export function read(text: string, kinds: NodeKind[]): Flow {
  const lines = new LineCounter();
  const doc = parse(text, lines);
  const flow: Flow = { id: '', version: '', language: '', start: '', person: '', steps: [] };
  const wrong = doc.errors[0];
  if (wrong) return { ...flow, broken: { line: lines.linePos(wrong.pos[0]).line, text: wrong.message.split('\n')[0] ?? '' } };
  for (const key of ['version', 'language', 'start', 'person'] as const) flow[key] = textOf(doc.contents, key);
  flow.id = textOf(doc.contents, 'flow');
  const places = pairOf(doc.contents, 'layout')?.value;
  const nodes = pairOf(doc.contents, 'nodes')?.value;
  if (!isMap(nodes)) return flow;
  for (const pair of nodes.items) {
    const name = keyOf(pair);
    const plain = plainOf(pair.value);
    const values = typeof plain === 'object' && !Array.isArray(plain) ? plain : {};
    const type = typeof values.type === 'string' ? values.type : '';
    const keys = kinds.find((k) => k.name === type)?.keys ?? [];
    const from = (pair.key as Scalar).range?.[0] ?? 0;
    const end = (pair.value as Scalar | null)?.range?.[1] ?? from;
    const [x, y] = textOf(places, name).split(' ').map(Number);
    flow.steps.push({
      name,
      type,
      values,
      ways: waysOf(keys, values),
      lines: [lines.linePos(from).line, lines.linePos(Math.max(from, end - 1)).line],
      at: x !== undefined && y !== undefined && !Number.isNaN(x + y) ? { x, y } : undefined,
    });
  }
  return flow;
}

// change edits a text and leaves what is not touched as it is written, comments too.
export function change(text: string, edit: (doc: Document) => void): string {
  const doc = parse(text);
  if (doc.errors.length > 0) return text;
  edit(doc);
  return doc.toString({ lineWidth: 0, flowCollectionPadding: false });
}

// mapAt is the mapping under a path, made where it is not there.
function mapAt(doc: Document, path: Path): YAMLMap {
  let at = doc.contents as YAMLMap;
  for (const key of path) {
    const pair = pairOf(at, key);
    if (pair && isMap(pair.value)) {
      at = pair.value as YAMLMap;
      continue;
    }
    const made = new YAMLMap();
    made.flow = path.length > 1;
    if (pair) pair.value = made;
    else at.items.push(doc.createPair(key, made));
    at = made;
  }
  return at;
}

const drop = (map: YAMLMap, key: string) => {
  map.items = map.items.filter((p) => keyOf(p) !== key);
};

// put writes a value of a node, or takes it away: undefined.
export function put(doc: Document, node: string, path: Path, value: Value | undefined) {
  const whole = ['nodes', node, ...path];
  const key = whole.at(-1) as string;
  if (value === undefined) {
    drop(mapAt(doc, whole.slice(0, -1)), key);
    // A group that says nothing any more goes too, but never the node itself.
    for (let above = whole.slice(0, -1); above.length > 2 && mapAt(doc, above).items.length === 0; above = above.slice(0, -1))
      drop(mapAt(doc, above.slice(0, -1)), above.at(-1) as string);
    return;
  }
  const map = mapAt(doc, whole.slice(0, -1));
  const pair = pairOf(map, key);
  if (pair && isScalar(pair.value) && typeof value === 'string')
    pair.value.value = value; // keeps its quotes and its comment
  else if (pair) pair.value = doc.createNode(value, { flow: true });
  else map.items.push(doc.createPair(key, doc.createNode(value, { flow: true })));
}

// head writes a line above the nodes: flow, version, language, start or person.
export function head(doc: Document, key: string, value: string) {
  const map = doc.contents as YAMLMap;
  const pair = pairOf(map, key);
  if (value === '') drop(map, key);
  else if (pair && isScalar(pair.value)) pair.value.value = value;
  else {
    const at = map.items.findIndex((p) => keyOf(p) === 'nodes');
    map.items.splice(at < 0 ? map.items.length : at, 0, doc.createPair(key, value));
  }
}

// place writes where nodes are drawn; null forgets it, so that they are arranged by themselves.
export function place(doc: Document, at: Record<string, Place> | null) {
  const map = doc.contents as YAMLMap;
  if (at === null) {
    drop(map, 'layout');
    return;
  }
  const places = Object.fromEntries(Object.entries(at).map(([name, p]) => [name, `${Math.round(p.x)} ${Math.round(p.y)}`]));
  const pair = pairOf(map, 'layout');
  const node = doc.createNode(places);
  if (pair) pair.value = node;
  else map.items.push(doc.createPair('layout', node));
}

// freeName is a name that no node has: menu, menu-2 and so on.
export function freeName(flow: Flow, want: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 && !ends.includes(want) ? want : `${want}-${n}`;
    if (!flow.steps.some((s) => s.name === name)) return name;
  }
}

// addStep writes a new node.
export function addStep(doc: Document, name: string, type: string, at?: Place) {
  const node = doc.createNode({ type });
  mapAt(doc, ['nodes']).items.push(doc.createPair(name, node));
  const places = pairOf(doc.contents, 'layout')?.value;
  if (at && isMap(places)) places.items.push(doc.createPair(name, `${Math.round(at.x)} ${Math.round(at.y)}`));
}

// dropStep takes a node away, and all ways that lead to it.
export function dropStep(doc: Document, flow: Flow, name: string) {
  for (const s of flow.steps) for (const w of s.ways) if (w.to === name && s.name !== name) put(doc, s.name, w.path, undefined);
  drop(mapAt(doc, ['nodes']), name);
  if (flow.person === name) head(doc, 'person', '');
  const places = pairOf(doc.contents, 'layout')?.value;
  if (isMap(places)) drop(places as YAMLMap, name);
}

// rename gives a node another name wherever it stands.
export function rename(doc: Document, flow: Flow, from: string, to: string) {
  for (const s of flow.steps) for (const w of s.ways) if (w.to === from) put(doc, s.name, w.path, to);
  for (const key of ['start', 'person'] as const) if (flow[key] === from) head(doc, key, to);
  for (const map of [pairOf(doc.contents, 'nodes')?.value, pairOf(doc.contents, 'layout')?.value]) {
    const pair = pairOf(map, from);
    if (pair && isScalar(pair.key)) pair.key.value = to;
  }
}

// stepAt is the node that a line of the text belongs to.
export const stepAt = (flow: Flow, line: number): Step | undefined => flow.steps.find((s) => line >= s.lines[0] && line <= s.lines[1]);
