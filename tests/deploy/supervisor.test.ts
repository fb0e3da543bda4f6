/** deploy/supervisor.conf, run by supervisor itself. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { nodeEnv } from '../../testing/node-env.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { until } from '../../testing/time-limits.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const hasSupervisor = spawnSync('supervisord', ['--version']).status === 0;

interface Context {
  site: Site;
  supervisord: ChildProcess;
  conf: string;
}

const test = suite<Context>('workers under supervisor');

test.before.each(async (context) => {
  context.site = await createSite();
  context.conf = writeConf(context.site.dir);
});
test.after.each(async ({ site, supervisord, conf }) => {
  if (supervisord !== undefined && supervisord.exitCode === null) {
    const exited = once(supervisord, 'exit');
    ctl(conf, 'shutdown');
    await exited;
  }
  await site[Symbol.asyncDispose]();
});

(hasSupervisor ? test : test.skip)(
  'two workers start, one that is killed comes back, and all end in time when they are stopped',
  async (context) => {
    const { site, conf } = context;
    context.supervisord = spawn('supervisord', ['--nodaemon', '--configuration', conf], {
      env: { ...site.env, ...nodeEnv() },
      stdio: 'ignore',
    });
    await until('two workers', async () => (await ready(site)).length === 2);
    const first = 'autophon-worker:autophon-worker-00';
    const pid = pidOf(conf, first);
    process.kill(pid, 'SIGKILL');
    await until('the worker to be started again', () => ![0, pid].includes(pidOf(conf, first)));
    await until('two workers beside the killed one', async () => (await ready(site)).length === 3);

    const started = performance.now();
    ctl(conf, 'stop', 'all');
    const [, stopSec] = /^stopwaitsecs=(\d+)$/m.exec(readFileSync(conf, 'utf8')) ?? [];
    assert.ok(performance.now() - started < Number(stopSec) * 1000);
    assert.match(ctl(conf, 'status'), /^(\S+ +STOPPED .*\n){2}$/);
    const { rows } = await site.sql.query(
      'SELECT count(stopped_at)::int AS stopped, count(*)::int AS all FROM instances',
    );
    // The killed worker could not sign off.
    assert.deepEqual(rows, [{ stopped: 2, all: 3 }]);
  },
);

test.run();

/** The file itself, with other folders and the user of this machine, two workers, and supervisor's own sections. */
function writeConf(dir: string): string {
  const logs = path.join(dir, 'supervisor');
  mkdirSync(logs);
  const program = readFileSync(path.join(ROOT_DIR, 'deploy/supervisor.conf'), 'utf8')
    .replaceAll('/opt/autophon', ROOT_DIR)
    .replaceAll('/var/log/supervisor', logs)
    .replace(/^user=.*\n/m, '')
    .replace(/^numprocs=1$/m, 'numprocs=2')
    .replace(/^startsecs=.*$/m, 'startsecs=1');
  const own = `[supervisord]
logfile=${logs}/supervisord.log
pidfile=${logs}/supervisord.pid
${process.getuid?.() === 0 ? 'user=root' : ''}
[unix_http_server]
file=${dir}/supervisor.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://${dir}/supervisor.sock
`;
  const file = path.join(dir, 'supervisord.conf');
  writeFileSync(file, `${own}${program}`);
  return file;
}

function ctl(conf: string, ...args: readonly string[]): string {
  return spawnSync('supervisorctl', ['--configuration', conf, ...args], { encoding: 'utf8' }).stdout;
}

function pidOf(conf: string, name: string): number {
  return Number(/^\d+$/m.exec(ctl(conf, 'pid', name))?.[0] ?? 0);
}

/** Workers that have started, including those that were killed since. */
async function ready(site: Site): Promise<readonly object[]> {
  const { rows } = await site.sql.query('SELECT id FROM instances');
  return rows;
}
