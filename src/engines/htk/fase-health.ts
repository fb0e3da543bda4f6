import { tmpdir } from 'node:os';
import { messageOf } from '../../base/errors.ts';
import type { EngineHealth } from '../engine.ts';
import { engineEnvironment } from '../environment.ts';
import { type Probe, probe } from '../process/probe.ts';
import { readFaseOptions } from './fase-options.ts';
import { howToInstall } from './faults.ts';
import type { FaseSettings } from './settings.ts';
import { findMissingTools } from './tools.ts';

const ELSEWHERE = 'name the environment that has it in CONDA_ENV or FASE_LAUNCHER';

/** Checks faseAlign, its version, sox and HTK. Never throws. */
export async function checkFase(settings: FaseSettings, signal: AbortSignal): Promise<EngineHealth> {
  try {
    return await look(settings, signal);
  } catch (error) {
    const reason = messageOf(error);
    return { state: 'sick', version: null, note: `faseAlign: the check did not end: ${reason}` };
  }
}

async function look({ command, launcher, env }: FaseSettings, signal: AbortSignal): Promise<EngineHealth> {
  const environment = engineEnvironment({ HOME: tmpdir() }, env);
  const ask = (option: string): Promise<Probe> => probe([...launcher, command, option], environment, signal);
  const [versionProbe, helpProbe, missingTools] = await Promise.all([
    ask('--version'),
    ask('--help'),
    findMissingTools(launcher, environment, signal),
  ]);
  if (!helpProbe.isFound) {
    const note = `${command}: not found; set FASE to the path of the program faseAlign, or ${ELSEWHERE}`;
    return { state: 'missing', version: null, note };
  }
  const version = /Version = (\d\S*)/.exec(versionProbe.lines.join('\n'))?.[1] ?? null;
  const problem = findProblem(helpProbe, missingTools);
  if (problem !== null) return { state: 'sick', version, note: problem };
  return { state: 'ready', version, note: command };
}

function findProblem(helpProbe: Probe, missingTools: readonly string[]): string | null {
  const importError = helpProbe.lines.find((line) => /^(ModuleNotFound|Import)Error/.test(line));
  if (importError !== undefined) {
    return `faseAlign does not start (${importError}): install what it needs for its Python, or ${ELSEWHERE}`;
  }
  const isHelp = helpProbe.lines.some((line) => /usage:/i.test(line));
  if (isHelp && readFaseOptions(helpProbe.lines).dictionary === null) {
    return 'faseAlign: this version takes no dictionary (options -d or -m); install 1.1 or newer';
  }
  const [tool] = missingTools;
  if (tool === undefined) return null;
  const names = missingTools.join(', ');
  return `${names}: not found on PATH, faseAlign starts them by name: ${howToInstall(tool)}, or ${ELSEWHERE}`;
}
