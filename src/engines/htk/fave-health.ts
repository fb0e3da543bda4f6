import { access } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { EngineHealth } from '../engine.ts';
import { engineEnvironment } from '../environment.ts';
import { type Probe, probe } from '../process/probe.ts';
import { howToInstall } from './faults.ts';
import type { FaveSettings } from './settings.ts';
import { findMissingTools } from './tools.ts';

const ELSEWHERE = 'name the environment that has it in CONDA_ENV or FAVE_LAUNCHER';

/** Several releases of FAVE report the same version. */
const SAME_VERSION = {
  reported: '2.0.0',
  versions: '2.0.0 to 2.0.3',
  note: 'it reports 2.0.0, and 2.0.3 reports the same',
};

/** Checks FAVE, its model, its Python, sox and HTK. Never throws. */
export async function checkFave(settings: FaveSettings, signal: AbortSignal): Promise<EngineHealth> {
  try {
    return await look(settings, signal);
  } catch (error) {
    const reason = messageOf(error);
    return { state: 'sick', version: null, note: `FAVE: the check did not end: ${reason}` };
  }
}

async function look(settings: FaveSettings, signal: AbortSignal): Promise<EngineHealth> {
  const { faveDir, python, launcher } = settings;
  const missing = (note: string): EngineHealth => ({ state: 'missing', version: null, note });
  const script = path.join(faveDir, 'FAAValign.py');
  for (const needed of [script, path.join(faveDir, 'align', 'model')]) {
    if (!(await exists(needed))) {
      return missing(
        `${needed}: not found; set FAVE_DIR to the folder that holds FAAValign.py and align/model/`,
      );
    }
  }
  const env = engineEnvironment({ HOME: tmpdir() }, settings.env);
  const [pythonProbe, scriptProbe, missingTools] = await Promise.all([
    probe([...launcher, python, '--version'], env, signal),
    probe([...launcher, python, script, '--version'], env, signal),
    findMissingTools(launcher, env, signal),
  ]);
  if (!pythonProbe.isFound) {
    return missing(`${python}: not found; FAVE runs on Python 3.8 to 3.10: install one, or ${ELSEWHERE}`);
  }
  const version = /FAAValign (\d\S*)/.exec(scriptProbe.lines.join('\n'))?.[1] ?? null;
  const problem = findProblem(pythonProbe, scriptProbe, missingTools);
  if (problem !== null) return { state: 'sick', version, note: problem };
  const note = `${script} on ${pythonProbe.lines[0] ?? python}`;
  if (version !== SAME_VERSION.reported) return { state: 'ready', version, note };
  return { state: 'ready', version: SAME_VERSION.versions, note: `${note}; ${SAME_VERSION.note}` };
}

function findProblem(pythonProbe: Probe, scriptProbe: Probe, missingTools: readonly string[]): string | null {
  const found = /Python (\d+)\.(\d+)\S*/.exec(pythonProbe.lines.join('\n'));
  const [pythonVersion, major, minor] = found ?? [];
  if (pythonVersion !== undefined && (major !== '3' || Number(minor) < 8 || Number(minor) > 10)) {
    return `${pythonVersion}: FAVE runs on Python 3.8 to 3.10 (later ones refuse the way it opens files): ${ELSEWHERE}`;
  }
  const importError = scriptProbe.lines.find((line) => /^(ModuleNotFound|Import)Error/.test(line));
  if (importError !== undefined) {
    return `FAAValign.py does not start (${importError}): install FAVE for this Python, or ${ELSEWHERE}`;
  }
  const [tool] = missingTools;
  if (tool === undefined) return null;
  const names = missingTools.join(', ');
  return `${names}: not found on PATH, FAVE starts them by name: ${howToInstall(tool)}, or ${ELSEWHERE}`;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
