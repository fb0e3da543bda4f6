import assert from 'node:assert/strict';
import { suite } from 'uvu';
import type { z } from 'zod';
import * as answers from '../../src/http/answers.ts';
import { openApiPath } from '../../src/http/openapi.ts';
import { ROUTES } from '../../src/http/routes.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { startWeb, type Web } from '../../testing/web.ts';

const test = suite<{ site: Site; web: Web }>('the description of the API');

test.before(async (context) => {
  context.site = await createSite();
  context.web = await startWeb(context.site);
});
test.after(async ({ site, web }) => {
  await web.stop();
  await site[Symbol.asyncDispose]();
});

test('each route is in it, with one line, the parts of its path, and what its schemas say', async ({
  web,
}) => {
  const { json } = await web.call('GET', '/api/v1/openapi.json');
  assert.equal(json.openapi, '3.1.0');
  let count = 0;
  for (const { method, path, summary, query, headers = [], body, answers: answered } of ROUTES) {
    const found = json.paths[openApiPath(path)]?.[method.toLowerCase()];
    assert.equal(found?.summary, summary, `${method} ${path}`);
    assert.match(summary, /^[A-Z].{9,99}[^.]$/);
    const names = found.parameters.map(({ name }: { name: string }) => name).sort();
    const parts = [...path.matchAll(/[:*](\w+)/g)].map(([, name = '']) => name);
    assert.deepEqual(names, [...parts, ...headers, ...Object.keys(query?.shape ?? {})].sort());
    assert.equal('requestBody' in found, body !== undefined);
    if (method !== 'HEAD') assert.equal('content' in found.responses['2XX'], answered !== undefined);
    count++;
  }
  const described = Object.values<object>(json.paths).flatMap((methods) => Object.keys(methods));
  assert.equal(described.length, count);
});

test('it refers to nothing that it does not have', async ({ web }) => {
  const { bytes, json } = await web.call('GET', '/api/v1/openapi.json');
  const names = new Set(
    [...bytes.toString().matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name),
  );
  assert.ok(names.has('Problem') && names.has('Finding'));
  for (const name of names) assert.ok(name !== undefined && name in json.components.schemas, name);
  assert.equal(
    (bytes.toString().match(/"\$ref"/g) ?? []).length,
    (bytes.toString().match(/#\/components/g) ?? []).length,
  );
});

test('it names the headers that a route reads', async ({ web }) => {
  const { paths } = (await web.call('GET', '/api/v1/openapi.json')).json;
  const headersOf = (path: string, method: string) =>
    paths[path][method].parameters
      .filter((one: { in: string }) => one.in === 'header')
      .map(({ name }: { name: string }) => name);
  assert.deepEqual(headersOf('/api/v1/tasks', 'post'), ['Idempotency-Key']);
  assert.deepEqual(headersOf('/api/v1/tasks/{id}', 'patch'), ['If-Match']);
  assert.deepEqual(headersOf('/api/v1/tasks/{id}/history', 'get'), []);
});

test('answers have the form that it describes', async ({ web }) => {
  const make = () => web.call('POST', '/api/v1/tasks', { lang: TRIVIAL_LANGUAGE, formats: ['csv'] });
  const { id } = (await make()).json;
  const task = `/api/v1/tasks/${id}`;
  const asked: readonly [method: string, path: string, schema: z.ZodType, body?: unknown][] = [
    ['GET', '/api/v1/session', answers.SessionSchema],
    ['GET', '/api/v1/languages', answers.LanguageListSchema],
    ['GET', `/api/v1/languages/${TRIVIAL_LANGUAGE}/phones`, answers.PhoneListSchema],
    ['GET', '/api/v1/languages/never-there/phones', answers.ProblemSchema],
    ['PUT', `${task}/files/a.txt`, answers.FileSchema, 'one two'],
    ['GET', `${task}/files`, answers.FileListSchema],
    ['GET', task, answers.WholeTaskSchema],
    ['PATCH', task, answers.WholeTaskSchema, { priority: 3 }],
    ['POST', '/api/v1/pauses', answers.PauseListSchema, { reason: 'new disk' }],
    ['GET', '/api/v1/pauses', answers.PauseListSchema],
    ['GET', '/api/v1/tasks', answers.TaskListSchema],
    ['GET', '/api/v1/tasks/count', answers.TaskCountSchema],
    ['POST', `${task}/queue`, answers.ProblemSchema],
    ['GET', '/api/v1/tasks?statsu=x', answers.ProblemSchema],
  ];
  for (const [method, path, schema, body] of asked) {
    const { json } = await web.call(method, path, body);
    const parsed = schema.safeParse(json);
    assert.ok(parsed.success, `${method} ${path}: ${parsed.error?.message}`);
  }
});

test.run();
