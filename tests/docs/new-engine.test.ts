import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { codeBlocks, readFile, section } from './markdown.ts';
import { copyProgram } from './worked-example.ts';

const COPIED = [
  'src',
  'testing',
  'tests/support',
  'tests/fixtures/bin',
  'tests/engines/conformance.ts',
  'tsconfig.json',
  'package.json',
];
const text = section(readFile('CONTRIBUTING.md'), '## A new engine');
const driver = readFile('docs/examples/demo.ts');
const [diff = ''] = codeBlocks(text, 'diff');

/** A script that runs in a copy of the program with the engine of the example. */
const CONFORMANCE = `
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { installEngine } from '../../src/engines/installed.ts';
import { DEMO } from '../../src/engines/demo/demo.ts';
import { fileOf, requestOf, writeStandIn, writeWav } from '../../testing/htk.ts';
import { engineConformance } from './conformance.ts';

const dir = import.meta.dirname;
const command = async (name: string, behaviour: object) => {
  const file = path.join(dir, name);
  await writeStandIn(file, 'demo-align.mjs', \`stand.demoAlign(argv, \${JSON.stringify(behaviour)})\`);
  chmodSync(file, 0o755);
  return file;
};
const install = (place: string) => installEngine(DEMO, { place, launcher: [], env: {} });
const [working, hanging] = [await command('working', {}), await command('hanging', { hang: true })];
const wav = path.join(dir, 'audio', 'a.wav');
await writeWav(wav, 30);
const files = [
  fileOf('a', wav, [[1, 2, 'it was']], [[4, 5, 'so']]),
  fileOf('b', wav, [[2, 3, 'so so']], [[1, 4, 'no']]),
] as const;
const lines = ['it IH T', 'was W AH Z', 'so S OW', 'so S UH', 'no N OW'];
const { language, pronunciations } = requestOf('DEMO', lines, [...files]);
engineConformance(
  'DEMO',
  { working: () => install(working), hanging: () => install(hanging), missing: () => install('/nowhere/demo-align') },
  { language, pronunciations, files, hopeless: { startSec: 6, endSec: 6.1, words: ['was', 'was'] } },
);
`;

/** How a site sees the engine. */
const SITE = `
import { readConfig } from './src/config.ts';
import { SETTINGS } from './src/settings.ts';
import { createEngines, languageSources } from './src/engines/registry.ts';
import { loadLanguages } from './src/lexicon/load-languages.ts';

const config = readConfig({ DEMO: 'bin/demo-align', DEMO_LAUNCHER: 'nice -n 10', ADMIN: 'admin' }, {}, import.meta.dirname);
const engines = createEngines(config.engines);
const off = createEngines(readConfig({}, {}, '/').engines);
const { languages } = await loadLanguages(languageSources(config.adminDir, engines));
console.log(JSON.stringify({
  settings: Object.keys(SETTINGS).filter((name) => name.startsWith('DEMO')),
  place: config.engines.installations.DEMO,
  launcher: config.engines.launchers.DEMO,
  off: await off.get('DEMO').check(new AbortController().signal),
  language: languages.get('engUS_DEMO_v010')?.engine,
}));
`;

const copy = copyProgram(COPIED);
const { dir } = copy;

test.before(() => {
  mkdirSync(path.join(dir, 'src/engines/demo'));
  writeFileSync(path.join(dir, 'src/engines/demo/demo.ts'), driver);
  copy.change('src/engines/registry.ts', diff);
});
test.after(() => copy.remove());

test('the engine of the example is one file and one line', () => {
  assert.ok(driver.includes('EngineKind'));
  const changed = diff.split('\n').filter((line) => /^[+-](?!import)/.test(line));
  assert.equal(changed.length, 2, changed.join('\n'));
});

test('it passes the type check and the rules of the folders', () => copy.check());

test('it passes the conformance suite', () => {
  const file = path.join(dir, 'tests/engines/demo.test.ts');
  mkdirSync(path.join(dir, 'tests/engines/audio'));
  writeFileSync(file, CONFORMANCE);
  const [, total, passed] =
    /Total: +(\d+)\n *Passed: +(\d+)\n/.exec(copy.run(process.execPath, [file])) ?? [];
  assert.ok(Number(total) >= 12, total);
  assert.equal(passed, total);
});

test('it has its settings, is off until they are set, and finds its languages', () => {
  mkdirSync(path.join(dir, 'admin/engUS_DEMO_v010'), { recursive: true });
  writeFileSync(path.join(dir, 'admin/engUS_DEMO_v010/engUS_DEMO_v010.dict'), 'so\tS OW\n');
  writeFileSync(path.join(dir, 'site.ts'), SITE);
  assert.deepEqual(JSON.parse(copy.run(process.execPath, [path.join(dir, 'site.ts')])), {
    settings: ['DEMO', 'DEMO_LAUNCHER'],
    place: path.join(dir, 'bin/demo-align'),
    launcher: ['nice', '-n', '10'],
    off: { state: 'off', version: null, note: 'DEMO is not set: set it to the path of demo-align' },
    language: 'DEMO',
  });
});

test.run();
