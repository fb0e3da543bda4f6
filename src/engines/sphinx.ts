import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TaskError } from '../base/errors.ts';
import type { Language } from '../lexicon/language.ts';
import type { AlignedTier, AlignmentRequest, Engine, EngineContext, EngineHealth } from './engine.ts';
import { engineEnvironment } from './environment.ts';
import { type ProcessResult, runProcess } from './process.ts';
import { parseProgress, readOutcomes, type SphinxJob, type SphinxOutcome, UNKNOWN_PHONE } from './sphinx-job.ts';
import { sphinxLanguages } from './sphinx-languages.ts';
import {
  collectTiers,
  type FoundWords,
  numberWords,
  planItems,
  settle,
  shareOut,
  toJobWords,
  type WorkItem,
} from './sphinx-plan.ts';

export interface SphinxSettings {
  /** The worker's environment, from which `engineEnvironment` picks. */
  readonly env: NodeJS.ProcessEnv;
  /** Folder of the package `soundswallower`; null: where Node finds it. */
  readonly packageDir?: string | null;
  /** The program of the child processes. */
  readonly childPath?: string;
}

const CHILD_PATH = path.join(import.meta.dirname, 'sphinx-child.ts');
const CHECK_TIMEOUT_SEC = 30;
const MIN_LEFT_SEC = 0.001;
const PACKAGE = 'soundswallower';

/**
 * The built-in engine: SoundSwallower, PocketSphinx as WebAssembly, in child processes of Node, since it can end its
 * process without an exception. No download, no installation; 0.04 CPU-seconds per second of sound, 0.08 where an
 * utterance is longer than 30 s; 0.2 s a start.
 *
 * Synthetic English speech of three voices with exact reference times, 589 words each: word boundaries 14 to 17 ms from
 * the reference in the mean, 95 to 98 % within 50 ms; the same when all sentences are one utterance of 200 s.
 */
export function createSphinx(settings: SphinxSettings): Engine {
  const packageDir = settings.packageDir ?? findPackage();
  return {
    name: 'SPHINX',
    audio: { minHz: 8000, maxHz: 48_000, resampleToHz: 16_000 },
    unknownPhone: UNKNOWN_PHONE,
    builtInLanguages: sphinxLanguages(path.join(packageDir, 'model')),
    check: (signal) => check(settings, packageDir, signal),
    align: (request, context) => align(settings, request, context),
  };
}

async function align(
  settings: SphinxSettings,
  request: AlignmentRequest,
  context: EngineContext,
): Promise<AlignedTier[]> {
  const numbers = numberWords(request);
  const modelDir = request.language.acousticModelPath;
  if (modelDir === null) {
    throw new TaskError('E_LANGUAGE_BROKEN', `language ${request.language.code}: expected an acoustic model, found none`);
  }
  const job = { modelDir, words: toJobWords(request, numbers, UNKNOWN_PHONE), loopPhones: listPhones(request) };
  const found: FoundWords[] = [];
  let crashCount = 0;
  let pending: readonly WorkItem[] = planItems(request, numbers);
  const runRound = createRounds(settings, context, pending);
  while (pending.length > 0) {
    const { outcomes, results } = await runRound(pending, job);
    if (outcomes.length === 0) throw describeDeath(results);
    const settled = settle(pending, outcomes);
    found.push(...settled.found);
    crashCount += settled.crashCount;
    await appendFile(context.logPath, settled.failures.map((failure) => `== SPHINX: ${failure}\n`).join(''));
    pending = settled.pending;
    if (found.length === 0 && pending.length === 0 && crashCount > 0) throw describeDeath(results);
  }
  return collectTiers(request, found);
}
