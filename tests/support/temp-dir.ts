import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite, type Test } from 'uvu';
import { makeWorkspacesDir, privateDirOf } from '../../src/host/workspace.ts';

const started = new Set<ChildProcess>();

/** Tests that each have their own TEMP_DIR. */
export function suiteWithTempDir(name: string): Test<{ dir: string }> {
  const test = suite<{ dir: string }>(name);
  test.before.each(async (context) => {
    context.dir = await realpath(await mkdtemp(path.join(os.tmpdir(), 'autophon-workspace-')));
  });
  test.after.each(async ({ dir }) => {
    for (const child of started) child.kill('SIGKILL');
    started.clear();
    await rm(dir, { recursive: true, force: true });
  });
  return test;
}

/** A process that works in a folder. It is ended with the test, however the test ends. */
export async function startIn(cwd: string, ...command: string[]): Promise<ChildProcess> {
  const [program = 'sleep', ...args] = command.length === 0 ? ['sleep', '1000'] : command;
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
  started.add(child);
  await once(child, 'spawn');
  return child;
}

/** Ends a process, unless it was ended with SIGKILL before. */
export async function wasKilled(child: ChildProcess): Promise<boolean> {
  const ended = once(child, 'exit');
  if (child.exitCode !== null || child.signalCode !== null) return child.signalCode === 'SIGKILL';
  child.kill('SIGTERM');
  return (await ended)[1] === 'SIGKILL';
}

/** A process that has ended: its number is free. */
export const deadPid = (): number => spawnSync('true').pid;

/** The folder of an instance whose mark differs from that of this process in some parts. */
export async function addInstance(
  dir: string,
  name: string,
  changes: Record<string, unknown>,
): Promise<string> {
  await makeWorkspacesDir(dir, 'pattern');
  const folder = path.join(privateDirOf(dir), name);
  await rename(path.join(privateDirOf(dir), 'pattern'), folder);
  const mark = JSON.parse(await readFile(path.join(folder, 'owner'), 'utf8')) as object;
  await writeFile(path.join(folder, 'owner'), JSON.stringify({ ...mark, ...changes }));
  return folder;
}
