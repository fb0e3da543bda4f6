import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../base/errors.ts';
import { inTemporaryDir } from '../../base/make-folder.ts';
import { must } from '../../base/must.ts';
import type { Language } from '../../lexicon/language.ts';
import type { EngineHealth } from '../engine.ts';
import { runProcess } from '../process/run-process.ts';
import { type ChildSettings, childCommand } from './child-command.ts';
import type { SphinxJob } from './job.ts';

export interface SphinxInstallation extends ChildSettings {
  readonly packageDir: string;
  readonly languages: readonly Language[];
}

const PACKAGE = 'soundswallower';
const TIMEOUT_SEC = 30;
const FIX = 'run "make install"';

/** The folder of the package, or the folder where it should be. */
export function findPackage(): string {
  try {
    return path.dirname(fileURLToPath(import.meta.resolve(PACKAGE)));
  } catch {
    return path.resolve(import.meta.dirname, '../../../node_modules', PACKAGE);
  }
}

/** Checks the package by a child process that loads the model of the first language, which takes 0.3 s. Never throws. */
export async function checkSphinx(
  installation: SphinxInstallation,
  signal: AbortSignal,
): Promise<EngineHealth> {
  const version = await readVersion(installation.packageDir);
  if (version === null) {
    const note = `${PACKAGE}: not found in ${installation.packageDir}; ${FIX}`;
    return { state: 'missing', version: null, note };
  }
  try {
    const missing = await findMissing(installation.languages);
    if (missing !== null)
      return { state: 'sick', version, note: `${PACKAGE} ${version}: ${missing} is missing; ${FIX}` };
    const fault = await tryStart(installation, signal);
    if (fault !== null) return { state: 'sick', version, note: `${PACKAGE} ${version}: ${fault}; ${FIX}` };
    const codes = installation.languages.map(({ code }) => code).join(', ');
    return { state: 'ready', version, note: `${PACKAGE} ${version} with ${codes}` };
  } catch (error) {
    const reason = messageOf(error);
    return { state: 'sick', version, note: `${PACKAGE} ${version}: the check did not end: ${reason}` };
  }
}

async function readVersion(packageDir: string): Promise<string | null> {
  try {
    const text = await readFile(path.join(packageDir, 'package.json'), 'utf8');
    return (JSON.parse(text) as { version?: string }).version ?? null;
  } catch {
    return null;
  }
}

async function findMissing(languages: readonly Language[]): Promise<string | null> {
  const paths = languages.flatMap(({ dictionaryPath, acousticModelPath }) => [
    dictionaryPath,
    acousticModelPath,
  ]);
  for (const one of paths) {
    if (one !== null && !(await stat(one).then(Boolean, () => false))) return one;
  }
  return null;
}

/** @returns why the child failed; null: it did not fail */
async function tryStart(installation: SphinxInstallation, signal: AbortSignal): Promise<string | null> {
  return await inTemporaryDir('autophon-check-', async (dir) => {
    const jobPath = path.join(dir, 'job.json');
    const modelDir = must(installation.languages[0]?.acousticModelPath, 'the model of the first language');
    const job: SphinxJob = {
      modelDir,
      outcomePath: path.join(dir, 'outcome.jsonl'),
      words: [],
      loopPhones: [],
      items: [],
    };
    await writeFile(jobPath, JSON.stringify(job));
    const { exitCode, lastLines } = await runProcess({
      ...childCommand(installation, jobPath, dir),
      logPath: path.join(dir, 'log'),
      timeoutSec: TIMEOUT_SEC,
      silenceSec: TIMEOUT_SEC,
      signal,
    });
    return exitCode === 0 ? null : `the model cannot be loaded: ${lastLines.at(-1) ?? `exit ${exitCode}`}`;
  });
}
