import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { LOG_EVENTS } from '../../src/base/log-events.ts';
import { codeBlocks, inlineCode, listPages, plain, ROOT_DIR, readFile, tableRows } from './markdown.ts';

/** Folders of this project whose files are named in pages. */
const OWN_PATH = /^(?:src|tests|scripts|migrations|docs|deploy|bin|samples|\.ci)\/[\w./@*-]*$/;
/** Places that exist on one machine only. */
const LOCAL_PATH = /(?<![\w.])\/(?:work|root|home|Users|mnt|tmp\/(?!autophon-))(?:\/|\b)[^\s`]*/;

test('links between pages lead to a file, and to a heading in it', () => {
  for (const page of listPages()) {
    for (const [, target = ''] of readFile(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const found = file === '' ? page : path.join(path.dirname(page), file);
      assert.ok(existsSync(path.join(ROOT_DIR, found)), `${page}: ${target}`);
      if (anchor !== undefined) assert.ok(anchorsOf(readFile(found)).includes(anchor), `${page}: ${target}`);
    }
  }
});

test('files of the project that pages name exist', () => {
  for (const page of listPages()) {
    for (const code of inlineCode(readFile(page))) {
      if (!OWN_PATH.test(code)) continue;
      // A migration is named by its number.
      const pattern = /\/\d{4}$/.test(code) ? `${code}_*` : code;
      assert.ok(globSync(pattern, { cwd: ROOT_DIR }).length > 0, `${page}: ${code}`);
    }
  }
});

test('events of the log that pages name are in its list', () => {
  const rows = tableRows(readFile('docs/monitoring.md'), 'fault', 'in the log');
  const named = rows.flatMap(([, log = '']) => inlineCode(log)).filter((code) => code.includes('.'));
  assert.ok(named.length > rows.length);
  for (const event of named) assert.ok(Object.hasOwn(LOG_EVENTS, event), event);
});

test('the map of the pages leads to each page', () => {
  const map = readFile('docs/README.md');
  for (const page of globSync('docs/**/*.md', { cwd: ROOT_DIR })) {
    const name = path.relative('docs', page);
    if (name === 'README.md' || name.startsWith('decisions/0')) continue;
    assert.ok(map.includes(`](${name})`), name);
  }
});

test('no page names paths of one machine', () => {
  for (const page of listPages()) {
    for (const [index, line] of readFile(page).split('\n').entries()) {
      assert.doesNotMatch(line, LOCAL_PATH, `${page} line ${index + 1}`);
    }
  }
});

test('commands can be pasted into any shell: an interactive zsh takes # and what follows for arguments', () => {
  for (const page of listPages()) {
    const text = readFile(page);
    const indented = text.split('\n').filter((line) => /^ {4}[a-z]/.test(line));
    const lines = [...codeBlocks(text, 'sh').flatMap((block) => block.split('\n')), ...indented];
    for (const line of lines) assert.doesNotMatch(line, /\s#(?:\s|$)/, page);
  }
});

test('each folder and file at the top of src has a line in the page of architecture', () => {
  const documented = tableRows(readFile('docs/architecture.md'), 'folder', 'what').map(([name]) =>
    plain(name),
  );
  const found = globSync('src/*', { cwd: ROOT_DIR }).map((name) => path.basename(name));
  assert.deepEqual(documented.sort(), found.sort());
});

test('each decision is in the list, under its own heading', () => {
  const listed = tableRows(readFile('docs/decisions/README.md'), 'number', 'decision').map(
    ([link = '', title]) => {
      const [, number, file] = /^\[(\d{4})\]\((.*)\)$/.exec(link) ?? [];
      return [file, `# ${number} ${title}`];
    },
  );
  const records = globSync('[0-9]*.md', { cwd: path.join(ROOT_DIR, 'docs/decisions') }).sort();
  assert.deepEqual(
    listed,
    records.map((file) => [file, readFile(`docs/decisions/${file}`).split('\n')[0]]),
  );
  assert.equal(new Set(records.map((file) => file.slice(0, 4))).size, records.length);
});

test.run();

/** Anchors of a page's headings, as code hosts make them. */
function anchorsOf(text: string): string[] {
  return [...text.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
