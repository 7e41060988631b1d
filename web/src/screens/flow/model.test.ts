import { describe, expect, it } from 'vitest';
import { arrange } from './arrange';
import { addStep, change, dropStep, freeName, head, type NodeKind, place, put, read, rename, stepAt } from './model';

const kinds: NodeKind[] = [
  {
    name: 'menu',
    keys: [
      { name: 'prompts', as: 'prompts' },
      { name: 'tries', as: 'count' },
      { name: 'on', as: 'group', keys: [{ name: 'timeout', as: 'way', need: true }] },
      { name: 'keys', as: 'key-ways' },
    ],
  },
  { name: 'play', keys: [{ name: 'next', as: 'way', need: true }] },
  { name: 'hangup', keys: [] },
];

const text = `# The hotline.
flow: main
version: 7 # counted by hand
start: ask
person: "people"
nodes:
  # The question.
  ask:
    type: menu
    prompts: [a, {text: "您好 \${caller}"}]
    tries: 02
    keys: {1: people, "*": bye}
    on: {timeout: bye}

  people: {type: play, prompts: [b], next: hangup} # soon more
  bye: {type: hangup}
`;

describe('a flow', () => {
  it('is read with its ways and lines', () => {
    const f = read(text, kinds);
    expect([f.id, f.start, f.person, f.version]).toEqual(['main', 'ask', 'people', '7']);
    expect(f.steps.map((s) => [s.name, s.type, s.lines])).toEqual([
      ['ask', 'menu', [8, 13]],
      ['people', 'play', [15, 15]],
      ['bye', 'hangup', [16, 16]],
    ]);
    expect(f.steps[0]?.ways.map((w) => [w.path.join('/'), w.to])).toEqual([
      ['on/timeout', 'bye'],
      ['keys/1', 'people'],
      ['keys/*', 'bye'],
    ]);
    expect(f.steps[0]?.values.tries).toBe('02');
    expect(stepAt(f, 15)?.name).toBe('people');
    expect(stepAt(f, 3)).toBeUndefined();
  });
  it('that is no YAML says where', () => {
    expect(read('flow: [a\nstart: b', kinds).broken?.line).toBeGreaterThan(0);
  });
  it('stays as it is written where nothing is changed', () => {
    expect(change(text, () => {})).toBe(text);
  });
  it('changes one value and keeps the rest, comments too', () => {
    expect(change(text, (d) => put(d, 'ask', ['keys', '1'], 'bye'))).toBe(text.replace('1: people', '1: bye'));
    expect(change(text, (d) => put(d, 'ask', ['keys', '0'], 'people'))).toBe(text.replace('"*": bye}', '"*": bye, 0: people}'));
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as flows write it
    expect(change(text, (d) => put(d, 'ask', ['prompts'], ['b']))).toBe(text.replace('[a, {text: "您好 ${caller}"}]', '[b]'));
    expect(change(text, (d) => head(d, 'person', ''))).toBe(text.replace('person: "people"\n', ''));
    expect(change(text, (d) => head(d, 'version', '8'))).toBe(text.replace('version: 7 #', 'version: 8 #'));
  });
  it('loses a group with its last key', () => {
    expect(change(text, (d) => put(d, 'ask', ['on', 'timeout'], undefined))).not.toContain('timeout: bye');
  });
  it('renames a node wherever it stands', () => {
    const f = read(text, kinds);
    const after = read(
      change(text, (d) => rename(d, f, 'people', 'agents')),
      kinds,
    );
    expect([after.person, after.steps[1]?.name, after.steps[0]?.ways[1]?.to]).toEqual(['agents', 'agents', 'agents']);
  });
  it('loses a node with the ways to it', () => {
    const f = read(text, kinds);
    const after = read(
      change(text, (d) => dropStep(d, f, 'bye')),
      kinds,
    );
    expect(after.steps.map((s) => s.name)).toEqual(['ask', 'people']);
    expect(after.steps[0]?.ways.map((w) => w.to)).toEqual(['', 'people']);
  });
  it('gets a node under a free name', () => {
    const f = read(text, kinds);
    expect(freeName(f, 'bye')).toBe('bye-2');
    expect(freeName(f, 'hangup')).toBe('hangup-1');
    const after = read(
      change(text, (d) => addStep(d, 'menu', 'menu')),
      kinds,
    );
    expect(after.steps.at(-1)).toMatchObject({ name: 'menu', type: 'menu' });
  });
  it('keeps where its nodes are drawn', () => {
    const placed = change(text, (d) => place(d, { ask: { x: 10, y: -20.4 }, bye: { x: 300, y: 0 } }));
    expect(read(placed, kinds).steps.map((s) => s.at)).toEqual([{ x: 10, y: -20 }, undefined, { x: 300, y: 0 }]);
    expect(change(placed, (d) => place(d, null))).toBe(text);
  });
  it('is arranged from left to right without overlap', () => {
    const at = arrange(read(text, kinds));
    expect(at.ask?.x).toBe(0);
    expect(at.people?.x).toBe(at.bye?.x);
    expect(at.people?.y).not.toBe(at.bye?.y);
    expect(at.people?.x).toBeGreaterThan(220);
  });
});
