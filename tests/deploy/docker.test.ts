/** There is no Docker engine where the tests run. So the steps of an image are done in an empty folder, one by one. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { suite } from 'uvu';
import { nodeEnv } from '../../testing/node-env.ts';
import { canCopyRoot, runInRootCopy } from './root-copy.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(path.join(ROOT_DIR, name), 'utf8');
/** Instructions of the Dockerfile, each on one line. */
const INSTRUCTIONS = read('deploy/docker/Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '');

const test = suite('images');
const dirs: string[] = [];
const children: ChildProcess[] = [];

test.after(() => {
  for (const child of children) child.kill('SIGKILL');
  // For a container that did not end as expected.
  for (const file of dirs.map((dir) => path.join(dir, 'data/postgres/postmaster.pid')))
    if (existsSync(file)) process.kill(Number.parseInt(readFileSync(file, 'utf8'), 10), 'SIGQUIT');
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

test('the image has the Node that the project pins', () => {
  const [, pinned] = /^pinned=(.*)$/m.exec(read('scripts/install-node.sh')) ?? [];
  const bases = INSTRUCTIONS.flatMap((line) => /^FROM node:(\S+)-bookworm-slim /.exec(line)?.[1] ?? []);
  assert.deepEqual(new Set(bases), new Set([pinned]));
});

test('.dockerignore lets through what is copied, and neither data nor secrets', () => {
  const allowed = new Set(
    read('.dockerignore')
      .split('\n')
      .flatMap((line) => /^!(.*)$/.exec(line)?.[1] ?? []),
  );
  assert.match(read('.dockerignore'), /^\*$/m);
  assert.deepEqual(
    [...copied()].filter((name) => !allowed.has(name)),
    [],
  );
  for (const name of ['.env', '.data', '.git', 'node_modules']) assert.ok(!allowed.has(name), name);
});

test('programs run as a user without rights', () => {
  const users = INSTRUCTIONS.filter((line) => line.startsWith('USER '));
  assert.deepEqual(users, ['USER autophon']);
  const lastRun = INSTRUCTIONS.findLastIndex((line) => line.startsWith('RUN '));
  assert.ok(INSTRUCTIONS.indexOf('USER autophon') > lastRun);
});

(canCopyRoot ? test : test.skip)(
  'each line that the image runs does so on the same Debian, and leaves a user and folders',
  () => {
    const dir = cleanDir();
    for (const name of copied())
      cpSync(path.join(ROOT_DIR, name), path.join(dir, 'copied', name), { recursive: true });
    const runs = INSTRUCTIONS.flatMap((line) => /^RUN (.*)$/.exec(line)?.[1] ?? []);
    const looks = [
      'stat -c "%U %a" /data /uploads',
      'id -u autophon',
      'ls /opt/autophon',
      'tini --version',
      'command -v ffmpeg',
    ];
    const { status, stdout, stderr } = runInRootCopy(dir, ['cd /opt/autophon', ...runs, ...looks]);
    assert.equal(status, 0, stderr.slice(-2000));
    assert.match(
      stdout,
      /\nautophon 750\nautophon 750\n10001\n[\s\S]*\nnode_modules\n[\s\S]*\ntini version [\s\S]*\/ffmpeg\n$/,
    );
  },
);

test('the packages without those of developers are enough', () => {
  const dir = cleanDir();
  for (const name of ['package.json', 'package-lock.json', '.npmrc'])
    cpSync(path.join(ROOT_DIR, name), path.join(dir, name));
  const run = INSTRUCTIONS.find((line) => line.startsWith('RUN npm ci'))?.slice('RUN '.length) ?? '';
  // The same command, which only prints what it would do: npm sends no request for that.
  const [command = '', ...args] = [...run.split(' '), '--dry-run', '--offline'];
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: dir, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const names = new Set([...stdout.matchAll(/^add (\S+) /gm)].map(([, name]) => name));
  for (const needed of ['pg', 'pg-boss', 'soundswallower']) assert.ok(names.has(needed), needed);
  for (const left of ['typescript', 'knip', 'uvu']) assert.ok(!names.has(left), left);
});

test('the container with everything starts, says the token, is healthy, and ends at a signal with its database', async () => {
  const dir = image();
  const data = path.join(dir, 'data');
  mkdirSync(data);
  const env = { ...container(dir, data), WEB: '127.0.0.1:0', METRICS: '' };
  const first = await startAll(dir, env);
  assert.match(first.token, /^autophon_[\w-]{43}$/);
  const answer = await fetch(new URL('api/v1/session', first.address), {
    headers: { authorization: `Bearer ${first.token}` },
  });
  assert.equal(answer.status, 200, await answer.text());
  assert.equal((await fetch(new URL('api/v1/tasks', first.address))).status, 401);
  assert.equal(health(dir, new URL('readyz', first.address).href), 0);
  assert.equal(await stop(first.child), 0);
  assert.equal(health(dir, new URL('readyz', first.address).href), 1);
  assert.ok(!existsSync(path.join(data, 'postgres/postmaster.pid')));

  const second = await startAll(dir, env);
  assert.equal(second.token, first.token);
  assert.equal(await stop(second.child), 0);
});

test('compose.yaml names only what Compose knows, and settings that the program knows', () => {
  const parsed = spawnSync(
    'python3',
    ['-c', 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))'],
    {
      input: read('deploy/docker/compose.yaml'),
      encoding: 'utf8',
    },
  );
  // Without Python's YAML library nothing can be checked.
  if (parsed.status !== 0) return;
  const { services, volumes } = JSON.parse(parsed.stdout) as Compose;
  for (const [name, service] of Object.entries(services)) {
    assert.deepEqual(
      Object.keys(service).filter((key) => !SERVICE_KEYS.has(key)),
      [],
      name,
    );
    for (const needed of Object.keys(service.depends_on ?? {})) assert.ok(needed in services, needed);
    for (const volume of service.volumes ?? []) assert.ok((volume.split(':')[0] ?? '') in volumes, volume);
  }
  const documented = read('docs/configuration.md');
  for (const setting of ['worker', 'page'].flatMap((name) => Object.keys(services[name]?.environment ?? {})))
    assert.ok(documented.includes(`| \`${setting}\` |`), setting);
  assert.equal(services['worker']?.scale, 2);
});

test.run();

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, object>>;
  readonly volumes?: readonly string[];
  readonly scale?: number;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** The keys of https://docs.docker.com/reference/compose-file/services/ that are useful here. */
const SERVICE_KEYS: ReadonlySet<string> = new Set(
  `build command depends_on entrypoint environment env_file healthcheck image init mem_limit pids_limit ports restart scale
  stop_grace_period stop_signal user volumes`.split(/\s+/),
);

/** Files and folders of the project that the images copy. */
function copied(): Set<string> {
  const lines = INSTRUCTIONS.filter((line) => line.startsWith('COPY ') && !line.includes('--from='));
  return new Set(lines.flatMap((line) => line.split(/\s+/).slice(1, -1)));
}

function cleanDir(): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-image-'));
  // The built-in Postgres does not run as root, but as a user who must be able to reach this folder.
  chmodSync(dir, 0o755);
  dirs.push(dir);
  return dir;
}

/** The content of the image, in a folder that stands for /opt/autophon. */
function image(): string {
  const dir = cleanDir();
  for (const name of copied()) cpSync(path.join(ROOT_DIR, name), path.join(dir, name), { recursive: true });
  symlinkSync(path.join(ROOT_DIR, 'node_modules'), path.join(dir, 'node_modules'));
  return dir;
}

/** The environment of the image `all`, with folders of the test. */
function container(dir: string, data: string): Record<string, string> {
  const set = INSTRUCTIONS.filter((line) => line.startsWith('ENV ')).flatMap((line) =>
    line
      .split(/\s+/)
      .slice(1)
      .map((one) => one.split('=') as [string, string]),
  );
  const settings = Object.fromEntries(set.map(([name, value]) => [name, value.replace(/^\/data/, data)]));
  return { ...settings, ...nodeEnv(), PATH: `${path.join(dir, 'bin')}:${process.env['PATH']}`, HOME: data };
}

async function startAll(dir: string, env: Record<string, string>) {
  const child = spawn(path.join(dir, 'deploy/docker/all.sh'), {
    cwd: dir,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let token = '';
  for await (const line of createInterface(child.stdout)) {
    token ||= /^Open http:\/\/127\.0\.0\.1:8017 and sign in with this token: (.*)$/.exec(line)?.[1] ?? '';
    const [, address] = /^the page is at (\S+)/.exec(line) ?? [];
    if (address !== undefined) return { child, token, address };
  }
  throw new Error(`it ended with ${child.exitCode}`);
}

async function stop(child: ChildProcess): Promise<number | null> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
  return child.exitCode;
}

function health(dir: string, address: string): number | null {
  return spawnSync(process.execPath, [path.join(dir, 'deploy/docker/healthy.mjs'), address]).status;
}
