import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { suite } from 'uvu';
import { findFallbackDirs, removeFallbackDir } from '../../scripts/clean-outside/fallback-dirs.ts';
import { TaskError } from '../../src/base/errors.ts';
import { findBinaries } from '../../src/db/embedded/binaries.ts';
import { ensureCluster } from '../../src/db/embedded/cluster.ts';
import { chooseServerUser } from '../../src/db/embedded/server-user.ts';
import { embeddedClients, embeddedStatus, startEmbedded, stopEmbedded } from '../../src/db/embedded.ts';

const MODULE_PATH = path.resolve(import.meta.dirname, '../../src/db/embedded.ts');
const IS_ROOT = process.getuid?.() === 0;
/** These databases need no sync, because nobody needs their data. */
const settings = { fsync: 'off' };

const test = suite('embedded server');
const rootTest = IS_ROOT ? test : test.skip;
let folder = '';
let dataDir = '';

test.before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'autophon-embedded-'));
  // As root the server runs as another user, who must be able to reach this folder.
  await chmod(folder, 0o755);
  dataDir = path.join(folder, 'data', 'postgres');
});

test.after(async () => {
  await stopEmbedded(dataDir);
  await rm(folder, { recursive: true, force: true });
});

test('processes that start the server at the same moment all get the same one, and it outlives them', async () => {
  const servers = await Promise.all([
    startInProcess(dataDir),
    startInProcess(dataDir),
    startInProcess(dataDir),
  ]);
  assert.equal(new Set(servers.map((server) => server.url)).size, 1);
  assert.equal(servers.filter((server) => server.started).length, 1);
  assert.deepEqual(await query(servers[0].url, 'SELECT 1 AS one'), [{ one: 1 }]);
});

test('a running server is found, not started again', async () => {
  const { started, url } = await startEmbedded({ dataDir, settings });
  assert.equal(started, false);
  assert.equal((await startEmbedded({ dataDir: path.relative(process.cwd(), dataDir), settings })).url, url);
  assert.equal((await embeddedStatus(dataDir)).state, 'running');
});

test('variables of the environment that the server cannot honour are all named at once', async () => {
  await startEmbedded({ dataDir, settings });
  for (const [name, value] of [
    ['PGSSLMODE', 'require'],
    ['PGOPTIONS', '-c no.such=1 -c nosuch=1'],
  ] as const) {
    process.env[name] = value;
    try {
      await assert.rejects(
        startEmbedded({ dataDir, settings }),
        /refuses the connection: .* PGSSLMODE and PGOPTIONS .*unset/,
      );
    } finally {
      delete process.env[name];
    }
  }
});

test('a server whose folder was moved while it ran is found in its new place, and goes on', async () => {
  const [before, after] = ['before', 'after'].map((name) => path.join(folder, `moved-${name}`)) as [
    string,
    string,
  ];
  const first = await startEmbedded({ dataDir: path.join(before, 'postgres'), settings });
  await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
  await rename(before, after);
  const found = await startEmbedded({ dataDir: path.join(after, 'postgres'), settings });
  assert.equal(found.started, false);
  assert.deepEqual(await query(found.url, 'SELECT one FROM kept'), [{ one: 1 }]);
  assert.equal(await stopEmbedded(path.join(after, 'postgres')), true);
});

test('the server can be created in a path with characters that a shell would interpret', async () => {
  const user = await chooseServerUser(dataDir);
  const { postgres } = await findBinaries(dataDir, user, () => undefined);
  const odd = path.join(folder, '$HOME `id` "a" b');
  const copy = path.join(odd, 'programs');
  await cp(path.resolve(path.dirname(postgres), '..'), copy, { recursive: true, verbatimSymlinks: true });
  for (const place of [odd, copy]) await chmod(place, 0o755);
  const bin = path.join(copy, 'bin');
  const binaries = {
    initdb: path.join(bin, 'initdb'),
    postgres: path.join(bin, 'postgres'),
    majorVersion: '18',
  };
  await ensureCluster(path.join(odd, 'postgres'), binaries, user, false);
  assert.equal((await readFile(path.join(odd, 'postgres', 'PG_VERSION'), 'utf8')).trim(), '18');
});

test('the server uses UTF-8, sorts without the locales of the host, and listens on loopback only', async () => {
  const { url } = await startEmbedded({ dataDir, settings });
  const [row] = await query(
    url,
    `SELECT current_setting('listen_addresses') AS listen, current_setting('unix_socket_directories') AS sockets,
       current_setting('server_encoding') AS encoding, datlocprovider AS provider, upper('é') AS upper
     FROM pg_database WHERE datname = current_database()`,
  );
  assert.deepEqual(row, { listen: '127.0.0.1', sockets: '', encoding: 'UTF8', provider: 'b', upper: 'É' });
});

test('no login works without the password, which only the owner can read', async () => {
  const { url } = await startEmbedded({ dataDir, settings });
  const wrong = new URL(url);
  wrong.password = 'guess';
  await assert.rejects(query(wrong.href, 'SELECT 1'), { code: '28P01' });
  assert.equal((await stat(`${dataDir}.json`)).mode & 0o777, 0o600);
});

rootTest('root does not run it as root', async () => {
  await startEmbedded({ dataDir, settings });
  const { server } = await embeddedStatus(dataDir);
  assert.notEqual((await stat(`/proc/${server?.pid}`)).uid, 0);
});

test('after kill -9 the server starts again on the same port with all that was committed', async () => {
  const before = await startEmbedded({ dataDir, settings });
  await query(before.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await killServer(dataDir);
  const after = await startEmbedded({ dataDir, settings });
  assert.equal(after.started, true);
  assert.equal(after.url, before.url);
  assert.deepEqual(await query(after.url, 'SELECT answer FROM kept'), [{ answer: 42 }]);
});

test('a pid file with the number of another living process does not keep the server from starting', async () => {
  await startEmbedded({ dataDir, settings });
  const pidFile = path.join(dataDir, 'postmaster.pid');
  const lines = (await readFile(pidFile, 'utf8')).split('\n');
  await killServer(dataDir);
  // A process of the user that runs the server: Postgres takes only such a process for a server.
  const { uid, gid } = await stat(dataDir);
  const stranger = spawn('sleep', ['600'], IS_ROOT ? { uid, gid } : {});
  try {
    await once(stranger, 'spawn');
    await writeFile(pidFile, lines.with(0, String(stranger.pid)).join('\n'));
    assert.equal((await embeddedStatus(dataDir)).state, 'stopped');
    assert.equal((await startEmbedded({ dataDir, settings })).started, true);
    assert.equal(stranger.exitCode, null);
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('when its port is taken the server moves to the next free one, says so, and stays there', async () => {
  const { port } = await startEmbedded({ dataDir, settings });
  await stopEmbedded(dataDir);
  const intruder = net.createServer().listen(port, '127.0.0.1');
  await once(intruder, 'listening');
  const lines: string[] = [];
  const moved = await startEmbedded({ dataDir, settings, log: (line) => lines.push(line) });
  intruder.close();
  assert.ok(moved.port > port);
  assert.deepEqual(lines, [`port ${port} is taken: the database listens on port ${moved.port}`]);
  await stopEmbedded(dataDir);
  assert.equal((await startEmbedded({ dataDir, settings })).port, moved.port);
});

test('stopping tells whether a server ran', async () => {
  await startEmbedded({ dataDir, settings });
  assert.equal(await stopEmbedded(dataDir), true);
  assert.equal(await stopEmbedded(dataDir), false);
  assert.equal((await embeddedStatus(dataDir)).state, 'stopped');
  assert.equal((await embeddedStatus(path.join(folder, 'nothing'))).state, 'absent');
});

test('a server that cannot start is reported with its last lines', async () => {
  await stopEmbedded(dataDir);
  const confPath = path.join(dataDir, 'postgresql.conf');
  const conf = await readFile(confPath, 'utf8');
  await writeFile(confPath, `${conf}\nmax_wal_senders = many\n`);
  try {
    await rejectsWith(
      'E_DATABASE',
      /did not start[\s\S]*max_wal_senders[\s\S]*postgres\.log/,
      startEmbedded({ dataDir, settings }),
    );
  } finally {
    await writeFile(confPath, conf);
  }
});

test('data of another major version are left unchanged, with a message', async () => {
  await stopEmbedded(dataDir);
  const version = await readFile(path.join(dataDir, 'PG_VERSION'), 'utf8');
  await writeFile(path.join(dataDir, 'PG_VERSION'), '9\n');
  try {
    await rejectsWith(
      'E_CONFIG',
      /made by Postgres 9, the installed one is \d+/,
      startEmbedded({ dataDir, settings }),
    );
  } finally {
    await writeFile(path.join(dataDir, 'PG_VERSION'), version);
  }
});

test('a damaged file with the login is named, whatever is wrong with it', async () => {
  const file = `${dataDir}.json`;
  const login = await readFile(file, 'utf8');
  try {
    for (const damaged of ['', '{"user":"autophon"}', 'null', login.slice(0, -10)]) {
      await writeFile(file, damaged);
      await rejectsWith(
        'E_CONFIG',
        /postgres\.json is damaged; expected JSON with user, password and port\. Put the file back/,
        startEmbedded({ dataDir, settings }),
      );
    }
  } finally {
    await writeFile(file, login);
  }
});

test('with a damaged login, a server is not asked who is connected, so that it can be stopped', async () => {
  const file = `${dataDir}.json`;
  await startEmbedded({ dataDir, settings });
  const login = await readFile(file, 'utf8');
  try {
    await writeFile(file, '');
    assert.deepEqual(await embeddedClients(dataDir), []);
  } finally {
    await writeFile(file, login);
  }
});

test('a data directory that cannot be read is not said to belong to another user', async () => {
  const broken = path.join(folder, 'broken');
  await mkdir(path.join(broken, 'postmaster.pid'), { recursive: true });
  await rejectsWith('E_DATABASE', /^cannot read the database in .*broken: EISDIR/, embeddedStatus(broken));
});

test('a folder with other files is not taken for a data directory', async () => {
  const other = path.join(folder, 'letters');
  await mkdir(other);
  await writeFile(path.join(other, 'dear-anna.txt'), 'hello');
  await rejectsWith(
    'E_CONFIG',
    /letters: expected .* found other files \(dear-anna\.txt\)/,
    startEmbedded({ dataDir: other }),
  );
});

test('when the folder cannot be written, the setting for another folder is named', async () => {
  // Not even root can make a folder below a file.
  const file = path.join(folder, 'file');
  await writeFile(file, '');
  await rejectsWith(
    'E_CONFIG',
    /cannot write in the folder of the database: .* Set DATA_DIR to a folder that this user may write/,
    startEmbedded({ dataDir: path.join(file, 'data', 'postgres'), settings }),
  );
});

rootTest('inside a private folder root gets another place, which is said and remembered', async () => {
  const privateDir = path.join(folder, 'private');
  await mkdir(privateDir, { mode: 0o700 });
  const fallbackDir = path.join(folder, 'other folder with a blank');
  await mkdir(fallbackDir);
  await chmod(fallbackDir, 0o755);
  const requested = path.join(privateDir, 'postgres');
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const server = await startEmbedded({
    dataDir: requested,
    settings,
    fallbackParents: ['/nowhere', fallbackDir],
    log,
  });
  try {
    assert.ok(server.dataDir.startsWith(`${fallbackDir}/autophon-`), server.dataDir);
    assert.match(
      lines[0] ?? '',
      new RegExp(`cannot enter ${privateDir}: the database goes to ${server.dataDir}`),
    );
    assert.deepEqual(await query(server.url, 'SELECT 1 AS one'), [{ one: 1 }]);
    assert.equal((await embeddedStatus(requested)).dataDir, server.dataDir);
  } finally {
    assert.equal(await stopEmbedded(requested), true);
  }
});

rootTest(
  'what lies outside a project is found from anywhere, also when the project is gone, and can be removed',
  async () => {
    const fallbackDir = path.join(folder, 'other folder with a blank');
    const privateDir = path.join(folder, 'private');
    const [used] = await findFallbackDirs([fallbackDir]);
    assert.equal(used?.requestedDir, path.join(privateDir, 'postgres'));
    assert.equal(used.isUsed, true);
    await rm(privateDir, { recursive: true });
    const [abandoned] = await findFallbackDirs([fallbackDir]);
    assert.equal(abandoned?.isUsed, false);
    await removeFallbackDir(abandoned);
    assert.deepEqual(await findFallbackDirs([fallbackDir]), []);
  },
);

rootTest('a database that root cannot reach any more is not replaced by an empty one', async () => {
  await stopEmbedded(dataDir);
  await chmod(path.dirname(dataDir), 0o700);
  try {
    await rejectsWith(
      'E_CONFIG',
      /data is closed to others/,
      startEmbedded({ dataDir, settings, fallbackParents: [folder] }),
    );
  } finally {
    await chmod(path.dirname(dataDir), 0o755);
  }
});

test.run();

async function startInProcess(dir: string): Promise<{ url: string; started: boolean }> {
  const script = `import { startEmbedded } from ${JSON.stringify(MODULE_PATH)};
    console.log(JSON.stringify(await startEmbedded(${JSON.stringify({ dataDir: dir, settings })})));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const exited = once(child, 'exit');
  const chunks = await child.stdout.toArray();
  await exited;
  const groupId = -(child.pid ?? Number.NaN);
  // Ctrl-C reaches all processes of the terminal's group, so the server must not be in it.
  assert.throws(() => process.kill(groupId, 0), { code: 'ESRCH' });
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

async function killServer(dir: string): Promise<void> {
  const { server } = await embeddedStatus(dir);
  assert.ok(server);
  process.kill(server.pid, 'SIGKILL');
}

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

async function rejectsWith(code: string, message: RegExp, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof TaskError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}
