// Writes the licence texts of all packages whose code is in what was built to a file of the build. A package without one stops the build.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// carried is what comes with a package and has terms of its own, by the package's name: a file beside this one.
const carried = { '@sapphi-red/web-noise-suppressor': 'licences/rnnoise.txt' };

const isLicence = /^(licen[cs]e|copying|notice)([-.].*)?$/i;

// packageOf is the folder of the package that a module is of; undefined for our own.
function packageOf(module) {
  const [, before, name] = /^\0?(.*\/node_modules\/)((?:@[^/]+\/)?[^/?]+)/.exec(module) ?? [];
  return before && join(before, name);
}

// standard is the text of the licence that a package names but does not bring: the same for everybody but for who grants it.
const standard = { MIT: 'licences/mit.txt' };

const beside = (file) => readFileSync(new URL(file, import.meta.url), 'utf8');

function textsOf(folder, about) {
  const texts = readdirSync(folder)
    .filter((f) => isLicence.test(f))
    .sort()
    .map((f) => readFileSync(join(folder, f), 'utf8'));
  if (texts.length === 0) {
    if (!standard[about.license]) throw new Error(`${about.name} comes without a licence text`);
    const who = about.author?.name ?? about.author ?? `the authors of ${about.name}`;
    texts.push(`Copyright (c) ${who}\n\n${beside(standard[about.license])}`);
  }
  if (carried[about.name]) texts.push(beside(carried[about.name]));
  return texts.map((t) => t.replaceAll('\r\n', '\n').trim()).join('\n\n');
}

// licences is the plugin that writes fileName.
export function licences(fileName) {
  return {
    name: 'licences',
    generateBundle(_, bundle) {
      const folders = new Set();
      for (const chunk of Object.values(bundle)) for (const module of Object.keys(chunk.modules ?? {})) folders.add(packageOf(module));
      for (const module of this.getModuleIds()) if (module.includes('?url')) folders.add(packageOf(module));
      folders.delete(undefined);
      const parts = new Map(); // by text
      for (const folder of folders) {
        const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
        const text = textsOf(folder, about);
        parts.set(text, [...(parts.get(text) ?? []), `${about.name} ${about.version}`].sort());
      }
      const all = [...parts].sort(([, a], [, b]) => (a[0] < b[0] ? -1 : 1));
      const source = ['The pages of Hotline are built of the following packages. Each line names one with its version; the terms of those above a text are that text.\n'];
      for (const [text, names] of all) source.push(`\n${'='.repeat(80)}\n\n${names.join('\n')}\n\n${text}\n`);
      this.emitFile({ type: 'asset', fileName, source: source.join('') });
    },
  };
}
