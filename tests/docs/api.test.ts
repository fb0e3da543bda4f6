import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import { ROUTES } from '../../src/http/routes.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site, transcript } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav } from '../../testing/wav.ts';
import { startWeb, type Web } from '../../testing/web.ts';
import { codeBlocks, plain, readFile, section, tableRows } from './markdown.ts';

const test = suite<{ site: Site; web: Web; worker: Instance }>('docs/api.md');
const run = promisify(execFile);
const page = readFile('docs/api.md');

test.before(async (context) => {
  context.site = await createSite();
  context.web = await startWeb(context.site);
  context.worker = await startInstance(context.site);
});
test.after(async ({ site, web, worker }) => {
  await worker.stop();
  await web.stop();
  await site[Symbol.asyncDispose]();
});

test('each route has a line, and there are no other routes but those of other programs', () => {
  assert.deepEqual(
    tableRows(page, 'route', 'what it does')
      .map(([route = '']) => plain(route).replace(' ', ' /api/v1'))
      .sort(),
    ROUTES.filter(({ path: route }) => route.startsWith('/api/'))
      .map(({ method, path: route }) => `${method} ${route}`)
      .sort(),
  );
});

/** Whether the program that an example needs is installed. */
const works = (...argv: readonly [string, ...string[]]) =>
  run(argv[0], argv.slice(1)).then(
    () => true,
    () => false,
  );

for (const [kind, example, program, isThere] of [
  ['sh', codeBlocks(page, 'sh').join('\n'), 'sh', await works('curl', '--json', '{}', '--version')],
  ['python', readFile('docs/examples/api_client.py'), 'python3', await works('python3', '--version')],
  [
    'r',
    readFile('docs/examples/api_client.R'),
    'Rscript',
    await works('Rscript', '-e', 'library(httr2); library(jsonlite)'),
  ],
] as const) {
  if (!isThere) console.error(`what the examples of ${kind} need is not installed: they are not tried`);
  test(`the example of ${kind}: a result, a version and a correction`, async ({ site, web }) => {
    if (!isThere) return;
    const dir = mkdtempSync(path.join(site.dir, 'client-'));
    writeFileSync(
      path.join(dir, 'talk.wav'),
      makeWav({ sampleRateHz: 16_000, samples: new Float64Array(16_000) }),
    );
    writeFileSync(path.join(dir, 'talk.TextGrid'), transcript('one two'));
    const text = example
      .replace('http://127.0.0.1:8017', web.address)
      .replaceAll('engUS_SPHINX_v010', TRIVIAL_LANGUAGE);
    assert.ok(!text.includes(':8017'));
    const before = await countTasks(site);
    const file = path.join(dir, 'example');
    writeFileSync(file, kind === 'sh' ? `set -e\n${text}` : text);
    const { stderr } = await run(program, [file], { cwd: dir, timeout: 60_000 });
    // R prints each value that is not assigned.
    if (kind !== 'r') assert.equal(stderr, '');
    assert.equal(readFileSync(path.join(dir, 'result.zip')).subarray(0, 2).toString(), 'PK');
    assert.equal((await countTasks(site)) - before, 1);
    const { tasks } = (await web.call('GET', '/api/v1/tasks?status=completed')).json;
    const { json } = await web.call('GET', `/api/v1/tasks/${tasks[0].id}/corrections`);
    assert.deepEqual(
      json.corrections.map(({ name }: { name: string }) => name),
      ['talk.TextGrid'],
    );
  });
}

const hasCurl = await works('curl', '--version');
for (const [heading, answer] of [
  ['I have scripts for WebMAUS', /<success>true<\/success>/],
  ['I have scripts for Gentle', /"case":"success"/],
] as const) {
  test(`the example of the recipe "${heading}" is answered`, async ({ site, web }) => {
    if (!hasCurl) return;
    const dir = mkdtempSync(path.join(site.dir, 'client-'));
    writeFileSync(
      path.join(dir, 'talk.wav'),
      makeWav({ sampleRateHz: 16_000, samples: new Float64Array(16_000) }),
    );
    writeFileSync(path.join(dir, 'talk.txt'), 'one two');
    const [example = ''] = codeBlocks(section(readFile('docs/recipes.md'), `## ${heading}`), 'sh');
    const { stdout } = await run('sh', ['-c', example.replace('http://127.0.0.1:8017', web.address)], {
      cwd: dir,
      timeout: 60_000,
    });
    assert.match(stdout, answer);
  });
}

async function countTasks(site: Site): Promise<number> {
  return (await site.sql.query('SELECT FROM tasks')).rowCount ?? 0;
}

test.run();
