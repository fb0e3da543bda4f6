import os from 'node:os';
import { programVersion } from '../../base/version.ts';
import { isGuardComplete } from '../../engines/process/guard.ts';
import { type Check, checker } from './check.ts';

const check = checker('system');
const MIN_NODE = [24, 12] as const;

/** The machine and the programs that the worker leans on. */
export async function checkSystem(slotCount: number | null): Promise<Check[]> {
  const cores = os.availableParallelism();
  const memory = `${(os.totalmem() / 1e9).toFixed(1)} GB of memory`;
  return [
    check('ok', 'autophon', `version ${programVersion()}`),
    checkNode(process.versions.node),
    slotCount !== null && slotCount > cores
      ? check(
          'warn',
          'machine',
          `${cores} cores for ${slotCount} slots, ${memory}`,
          'lower ALIGNMENT_WORKERS',
        )
      : check('ok', 'machine', `${cores} cores, ${memory}, ${os.type()} ${os.release()}`),
    (await isGuardComplete())
      ? check('ok', 'guard', 'engines end with their worker, also when it is killed')
      : check(
          'warn',
          'guard',
          'a worker that is killed may leave programs of an engine behind',
          'install util-linux (setpriv, unshare, flock) and allow user namespaces',
        ),
  ];
}

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return isEnough
    ? check('ok', 'node', version)
    : check('wrong', 'node', `${version}; expected ${MIN_NODE.join('.')} or later`, 'run "make install"');
}
