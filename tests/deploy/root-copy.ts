/** Steps that an operator or an image does as root, on a copy of this machine's root folder. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** All their processes end with the steps, also if the test is killed. */
const OWN_PROCESSES = ['--pid', '--fork', '--kill-child=KILL'];
/** Steps fetch packages. */
const LIMIT_MS = 900_000;
const SCRIPT = path.join(import.meta.dirname, 'root-copy.sh');

/** It needs root, the Debian of the documentation and the images, and a registry to install from. */
export const canCopyRoot =
  existsSync('/etc/os-release') &&
  /^VERSION_CODENAME=bookworm$/m.test(readFileSync('/etc/os-release', 'utf8')) &&
  spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', os.tmpdir()]).status === 0 &&
  spawnSync('npm', ['ping'], { timeout: 20_000 }).status === 0;

export interface StepsResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs shell commands one after the other, until one fails.
 * @param dir - an empty folder, or one with a folder `copied`, which becomes /opt/autophon
 */
export function runInRootCopy(dir: string, lines: readonly string[]): StepsResult {
  writeFileSync(path.join(dir, 'steps'), `${['#!/bin/sh', 'set -eux', ...lines].join('\n')}\n`, {
    mode: 0o755,
  });
  return spawnSync('unshare', ['--mount', '--propagation', 'private', ...OWN_PROCESSES, SCRIPT, dir], {
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    encoding: 'utf8',
    input: '',
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
      LANG: 'C.UTF-8',
    },
  });
}
