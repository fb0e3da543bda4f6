import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { ownerState } from '../../src/base/owner-proof.ts';
import { findDeath, makeWorkspacesDir, privateDirOf } from '../../src/host/workspace.ts';
import { type Registry, removeOrphanedWorkspaces } from '../../src/upkeep/orphaned-workspaces.ts';
import { addInstance, deadPid, startIn, suiteWithTempDir, wasKilled } from '../support/temp-dir.ts';

const REMOVER = new URL('../../src/upkeep/orphaned-workspaces.ts', import.meta.url).href;
const test = suiteWithTempDir('folders of dead processes');

test('the folder of a running process stays; those of a dead process, of a reused number, and of an earlier boot are removed', async ({
  dir,
}) => {
  await makeWorkspacesDir(dir, 'alive');
  await addInstance(dir, 'dead', { pid: deadPid() });
  await addInstance(dir, 'reused', { startTicks: '12345' });
  await addInstance(dir, 'rebooted', { boot: '00000000-0000-4000-8000-000000000000' });
  // They cannot be judged from here.
  await addInstance(dir, 'container', { pidNamespace: 'pid:[1]', pid: deadPid() });
  await addInstance(dir, 'elsewhere', { machine: 'another one', pid: deadPid() });
  const told: string[] = [];
  const removed = await removeOrphanedWorkspaces(
    dir,
    registry({
      noteDied: async (deaths) => {
        told.push(...deaths.map(({ instanceId }) => instanceId));
        assert.ok(existsSync(path.join(privateDirOf(dir), 'dead')), 'the proof is still there');
      },
    }),
  );
  assert.deepEqual(removed.sort(), ['dead', 'rebooted', 'reused']);
  assert.deepEqual(told.sort(), removed);
  assert.deepEqual((await readdir(privateDirOf(dir))).sort(), ['alive', 'container', 'elsewhere']);
  assert.deepEqual(await Promise.all(['alive', 'elsewhere', 'dead'].map((id) => findDeath(dir, id))), [
    null,
    null,
    null,
  ]);
});

test('a process that is killed while it removes a folder leaves the mark for the next one', async ({
  dir,
}) => {
  const id = randomUUID();
  const instance = await addInstance(dir, id, { pid: deadPid() });
  const workspace = path.join(instance, '1.1-0123abcd-x');
  await mkdir(workspace);
  for (let n = 0; n < 5000; n++) await writeFile(path.join(workspace, String(n)), '');
  const script = `
    const { removeOrphanedWorkspaces } = await import(${JSON.stringify(REMOVER)});
    await removeOrphanedWorkspaces(${JSON.stringify(dir)});
  `;
  const remover = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  const ended = once(remover, 'exit');
  while (remover.exitCode === null && (await readdir(workspace).catch(() => [])).length === 5000);
  remover.kill('SIGKILL');
  await ended;
  assert.ok(existsSync(path.join(instance, 'owner')) || !existsSync(instance));
  await removeOrphanedWorkspaces(dir);
  assert.equal(existsSync(instance), false);
});

test('nothing else in TEMP_DIR is touched, whatever its name and content, nor a process that works there', async ({
  dir,
}) => {
  const names = [randomUUID(), 'survey', 'dead'];
  for (const name of names) {
    await mkdir(path.join(dir, name));
    await writeFile(path.join(dir, name, 'owner'), `${deadPid()} 12345\n`);
    await utimes(path.join(dir, name), 1, 1);
  }
  const stranger = await startIn(path.join(dir, 'survey'));
  await makeWorkspacesDir(dir, 'one');
  assert.deepEqual(await removeOrphanedWorkspaces(dir), []);
  for (const name of names) assert.ok(existsSync(path.join(dir, name, 'owner')), name);
  assert.equal(await wasKilled(stranger), false);
});

test('a folder without a mark of ours stays, also inside our own', async ({ dir }) => {
  await makeWorkspacesDir(dir, 'one');
  for (const text of ['', 'Dr. Smith', '{}', '[1]']) {
    const id = randomUUID();
    await mkdir(path.join(privateDirOf(dir), id));
    await writeFile(path.join(privateDirOf(dir), id, 'owner'), text);
  }
  assert.deepEqual(await removeOrphanedWorkspaces(dir), []);
  assert.equal((await readdir(privateDirOf(dir))).length, 5);
});

test('a folder that an instance could not mark is removed after a while', async ({ dir }) => {
  await makeWorkspacesDir(dir, 'one');
  const own = privateDirOf(dir);
  const [begunOld, begunFresh, unmarkedOld, unmarkedFresh] = [
    `new-${randomUUID()}`,
    `new-${randomUUID()}`,
    randomUUID(),
    randomUUID(),
  ];
  const elsewhere = await addInstance(dir, randomUUID(), { machine: 'another one' });
  // Its worker died after it wrote the mark and before it renamed the folder.
  await addInstance(dir, `new-${randomUUID()}`, { pid: deadPid() });
  const starting = path.basename(await addInstance(dir, `new-${randomUUID()}`, {}));
  await utimes(path.join(own, starting), 1, 1);
  const names = [begunOld, begunFresh, unmarkedOld, unmarkedFresh, 'new-data', 'notes'];
  for (const name of names) await mkdir(path.join(own, name));
  for (const name of [begunOld, unmarkedOld, 'new-data', 'notes']) await utimes(path.join(own, name), 1, 1);
  await utimes(elsewhere, 1, 1);
  await removeOrphanedWorkspaces(dir);
  const left = [starting, begunFresh, unmarkedFresh, 'new-data', 'notes', 'one', path.basename(elsewhere)];
  assert.deepEqual((await readdir(own)).sort(), left.sort());
});

test('a folder of an unknown owner is removed when its instance has been silent for a day; no process is ended', async ({
  dir,
}) => {
  const [gone, silent] = [randomUUID(), randomUUID()];
  const container = await addInstance(dir, gone, { pidNamespace: 'pid:[1]', pid: deadPid() });
  await addInstance(dir, silent, { pidNamespace: 'pid:[1]', pid: deadPid() });
  const living = await makeWorkspacesDir(dir, randomUUID());
  const worker = await startIn(container);
  const asked: string[] = [];
  const dead = await removeOrphanedWorkspaces(
    dir,
    registry({
      findGone: async (ids) => {
        asked.push(...ids);
        return [gone, path.basename(living)];
      },
    }),
  );
  assert.deepEqual(dead, []);
  assert.deepEqual(asked.sort(), [gone, silent].sort());
  assert.deepEqual((await readdir(privateDirOf(dir))).sort(), [silent, path.basename(living)].sort());
  assert.equal(await wasKilled(worker), false);
});

test('a folder of a dead process with an attempt of another database is left to its workers for a day', async ({
  dir,
}) => {
  const [own, fresh, old, idle] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
  for (const id of [own, fresh, old, idle]) {
    const folder = await addInstance(dir, id, { pid: deadPid() });
    if (id !== idle) await mkdir(path.join(folder, '7.1-0123abcd'));
  }
  await utimes(path.join(privateDirOf(dir), old), 1, 1);
  const told: string[] = [];
  const dead = await removeOrphanedWorkspaces(
    dir,
    registry({
      findOwn: async () => [own],
      noteDied: async (deaths) => void told.push(...deaths.map(({ instanceId }) => instanceId)),
    }),
  );
  assert.deepEqual([dead, told], [[own], [own]]);
  assert.deepEqual(await readdir(privateDirOf(dir)), [fresh]);
});

test('a folder of a dead process stays while its death cannot be recorded', async ({ dir }) => {
  const dead = await addInstance(dir, 'dead', { pid: deadPid() });
  const noteDied = () => Promise.reject(new Error('the database is away'));
  await assert.rejects(removeOrphanedWorkspaces(dir, registry({ noteDied })), /the database is away/);
  assert.ok(existsSync(dead));
});

test('an instance in another PID namespace is unknown here, also where its number is free', async ({
  dir,
}) => {
  const program = `
    const { makeWorkspacesDir } = await import(${JSON.stringify(path.resolve('src/host/workspace.ts'))});
    const { ownerState } = await import(${JSON.stringify(path.resolve('src/base/owner-proof.ts'))});
    console.log(await ownerState(await makeWorkspacesDir(${JSON.stringify(dir)}, process.argv[1])));`;
  for (const [name, flags, seen] of [
    ['with-proc', '-Urpf --mount-proc', 'alive'],
    // Its /proc numbers processes as ours does: it cannot show that it is another one.
    ['without-proc', '-Urpf', 'unknown'],
  ] as const) {
    const node = [process.execPath, '--input-type=module', '-e', program, name];
    const { status, stdout, stderr } = spawnSync('unshare', [...flags.split(' '), ...node], {
      encoding: 'utf8',
    });
    if (/unshare failed|Operation not permitted/.test(stderr))
      return console.log('  (no namespaces may be made here: not tried)');
    assert.equal(`${status} ${stdout}`, `0 ${seen}\n`, stderr);
    assert.equal(await findDeath(dir, name), null, name);
  }
  assert.deepEqual(await removeOrphanedWorkspaces(dir), []);
});

test('a zombie process counts as dead', async ({ dir }) => {
  // It becomes a zombie, because exec replaces its parent by a program that never reads exit statuses; a shell
  // sometimes does.
  const script = '(until [ "$(cat /proc/$$/comm)" = sleep ]; do :; done) & echo $!; exec sleep 1000';
  const parent = await startIn(dir, 'sh', '-c', script);
  const [line] = (await once(parent.stdout as Readable, 'data')) as [Buffer];
  const pid = Number(String(line));
  let status = '';
  while (!/\) Z /.test(status)) status = await readFile(`/proc/${pid}/stat`, 'utf8');
  const startTicks = status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
  assert.equal(await ownerState(await addInstance(dir, 'zombie', { pid, startTicks })), 'dead');
});

test('TEMP_DIR may be a link, and end with a slash', async ({ dir }) => {
  const [real, link] = [path.join(dir, 'real'), path.join(dir, 'link')];
  await mkdir(real);
  await symlink(real, link);
  await makeWorkspacesDir(`${link}/`, 'one');
  assert.deepEqual(await readdir(privateDirOf(real)), ['one']);
  const dead = await addInstance(link, 'dead', { pid: deadPid() });
  const orphan = await startIn(dead);
  assert.deepEqual(await removeOrphanedWorkspaces(`${link}/`), ['dead']);
  assert.ok(await wasKilled(orphan));
});

test('two instances can remove folders at the same time', async ({ dir }) => {
  for (let n = 0; n < 20; n++) await addInstance(dir, `dead${n}`, { pid: deadPid() });
  await Promise.all([removeOrphanedWorkspaces(dir), removeOrphanedWorkspaces(dir)]);
  assert.deepEqual(await readdir(privateDirOf(dir)), []);
});

test('processes that still run in the folder of a dead process are ended first', async ({ dir }) => {
  const dead = await addInstance(dir, 'dead', { pid: deadPid() });
  await mkdir(path.join(dead, 't1'));
  const orphan = await startIn(path.join(dead, 't1'));
  await removeOrphanedWorkspaces(dir);
  assert.ok(await wasKilled(orphan));
  assert.equal(existsSync(dead), false);
});

test('a process in the folder that is older than its owner, newer than the next boot, or of another user, is not ended', async ({
  dir,
}) => {
  const bystanders = [];
  for (const [name, changes] of [
    // As if the dead process had started after the bystander.
    ['earlier', { pid: deadPid(), startTicks: '999999999999' }],
    ['rebooted', { boot: '00000000-0000-4000-8000-000000000000', startTicks: '1' }],
  ] as const) {
    const bystander = await startIn(await addInstance(dir, name, changes));
    bystanders.push(bystander);
  }
  if (process.getuid?.() === 0) {
    const dead = await addInstance(dir, 'dead', { pid: deadPid() });
    // The folders are private, so the program must be loaded before it changes to another user.
    const other = await startIn(dead, 'setpriv', '--reuid=65534', 'sleep', '1000');
    while (!/^Uid:\s+65534/m.test(await readFile(`/proc/${other.pid}/status`, 'utf8')));
    bystanders.push(other);
  }
  const removed = await removeOrphanedWorkspaces(dir);
  assert.equal(removed.length, bystanders.length);
  for (const one of bystanders) {
    assert.equal(await wasKilled(one), false);
  }
});

test.run();

function registry(parts: Partial<Registry>): Registry {
  return { findOwn: async (ids) => ids, noteDied: async () => undefined, findGone: async () => [], ...parts };
}
