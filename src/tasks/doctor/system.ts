import os from 'node:os';
import { formatBytes } from '../../base/bytes.ts';
import { programVersion } from '../../base/version.ts';
import type { Config } from '../../config.ts';
import { engineEnvironment } from '../../engines/environment.ts';
import { isGuardComplete } from '../../engines/process/guard.ts';
import { probe } from '../../engines/process/probe.ts';
import { coreShare } from '../../host/core-share.ts';
import { type Check, checker } from './check.ts';

const check = checker('system');
const MIN_NODE = [24, 12] as const;
const FFMPEG_LIMIT_MS = 10_000;

/**
 * The machine and the programs that the worker needs.
 * @param config - null when the settings cannot be used: what they name is not looked at
 */
export async function checkSystem(config: Config | null): Promise<Check[]> {
  const slotCount = config?.slotCount ?? 0;
  const share = config === null ? '' : `, ${coreShare(slotCount)} for the engine of each task`;
  const cores = os.availableParallelism();
  const memory = `${formatBytes(os.totalmem())} of memory`;
  return [
    check('ok', 'autophon', `version ${programVersion()}`),
    checkNode(process.versions.node),
    slotCount > cores
      ? check(
          'warn',
          'machine',
          `${cores} cores for ${slotCount} slots, ${memory}`,
          'lower ALIGNMENT_WORKERS',
        )
      : check('ok', 'machine', `${cores} cores${share}; ${memory}, ${os.type()} ${os.release()}`),
    (await isGuardComplete())
      ? check('ok', 'guard', 'PID namespaces: engines end with their worker, also when it is killed')
      : check(
          'warn',
          'guard',
          'no PID namespaces: what an engine has started may outlive a worker that is killed',
          'install util-linux (setpriv, unshare, flock) and allow user namespaces',
        ),
    ...(config === null ? [] : [await checkFfmpeg(config)]),
  ];
}

async function checkFfmpeg({ engines: { ffmpeg, inherited } }: Config): Promise<Check> {
  const limit = AbortSignal.timeout(FFMPEG_LIMIT_MS);
  const found = await probe([ffmpeg, '-version'], engineEnvironment({}, inherited), limit).catch(() => null);
  if (found?.exitCode === 0) {
    return check('ok', 'ffmpeg', /version (\S+)/.exec(found.lines[0] ?? '')?.[1] ?? 'found');
  }
  const fix = 'install ffmpeg, or set FFMPEG to its path';
  return check('warn', 'ffmpeg', `${ffmpeg}: cannot be run: only plain wav files can be aligned`, fix);
}

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return isEnough
    ? check('ok', 'node', version)
    : check('wrong', 'node', `${version}; expected ${MIN_NODE.join('.')} or later`, 'run "make install"');
}
