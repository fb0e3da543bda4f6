import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import type { AlignedTier, AlignmentRequest, Engine, EngineContext } from '../engine.ts';
import type { EngineKind } from '../kind.ts';
import type { ChildSettings } from './child-command.ts';
import { checkSphinx, findPackage } from './health.ts';
import { SAMPLE_RATE_HZ, UNKNOWN_PHONE } from './job.ts';
import { sphinxLanguages } from './languages.ts';
import {
  collectTiers,
  type FoundWords,
  numberWords,
  type OtherSpeech,
  planItems,
  sortOutcomes,
  toJobWords,
  type WorkItem,
} from './plan.ts';
import { createRounds } from './rounds.ts';

export interface SphinxSettings {
  /** The environment of the worker; `engineEnvironment` takes a part of it. */
  readonly env: NodeJS.ProcessEnv;
  /** The folder of the package `soundswallower`; left out: where Node finds it. */
  readonly packageDir?: string;
  /** The program of the child processes; left out: `child.ts`. */
  readonly childPath?: string;
}

export const SPHINX: EngineKind = {
  name: 'SPHINX',
  setting: null,
  needsModel: false,
  create: ({ env }) => createSphinx({ env }),
};

const CHILD_PATH = path.join(import.meta.dirname, 'child.ts');

/**
 * The built-in engine: SoundSwallower, which is PocketSphinx as WebAssembly. It runs in child processes of Node, since it can end
 * its process without an exception. A start takes 0.2 s, a second of audio 0.04 CPU-seconds, or 0.08 if an utterance is longer
 * than 30 s.
 *
 * Measured on English of four synthetic voices with exact reference times: word boundaries were 12 to 16 ms off on average, and 96
 * to 98 % within 50 ms. With all sentences in one utterance of 200 s, the figures were the same.
 *
 * Measured on one utterance of 239 s and 626 words, of synthetic and natural speech. With a sentence of 14 words that is not said,
 * all other words were within 100 ms of their places in the run with the right text; one false word was added, and the run took
 * 1.35 times as long. With three sentences missing from the text, 99.5 % were, and the run took 1.6 times as long.
 * @internal
 */
export function createSphinx(settings: SphinxSettings = { env: {} }): Engine {
  const packageDir = settings.packageDir ?? findPackage();
  const childPath = settings.childPath ?? CHILD_PATH;
  const languages = sphinxLanguages(packageDir);
  return {
    name: SPHINX.name,
    audio: { minHz: SAMPLE_RATE_HZ, maxHz: SAMPLE_RATE_HZ, resampleToHz: SAMPLE_RATE_HZ },
    unknownPhone: UNKNOWN_PHONE,
    isDeterministic: true,
    leavesOut: true,
    cost: { startSec: 0.2, startsFor: 'task', perSpeechSec: 0.04, perLongSec: 0.04 },
    builtInLanguages: languages,
    check: (signal) => checkSphinx({ packageDir, childPath, env: settings.env, languages }, signal),
    align: (request, context) => align({ childPath, env: settings.env }, request, context),
  };
}

async function align(
  settings: ChildSettings,
  request: AlignmentRequest,
  context: EngineContext,
): Promise<AlignedTier[]> {
  context.signal.throwIfAborted();
  const numbers = numberWords(request);
  const job = {
    modelDir: modelOf(request),
    words: toJobWords(request, numbers, UNKNOWN_PHONE),
    loopPhones: listPhones(request),
  };
  let pending: readonly WorkItem[] = planItems(request, numbers);
  const totalSec = pending.reduce((sum, { shareSec, laterSec }) => sum + shareSec + laterSec, 0);
  const runRound = createRounds({ ...settings, context, job }, totalSec);
  const found: FoundWords[] = [];
  const others: OtherSpeech[] = [];
  // Each round finishes at least one item: an item whose child died is not tried again.
  while (pending.length > 0) {
    const { outcomes, results } = await runRound(pending);
    const sorted = sortOutcomes(pending, outcomes);
    found.push(...sorted.found);
    others.push(...sorted.others);
    pending = sorted.pending;
    await appendFile(context.logPath, sorted.failures.map((failure) => `== SPHINX: ${failure}\n`).join(''));
    const isLost = outcomes.length === 0 || (pending.length === 0 && found.length === 0);
    const death = results.find(({ exitCode }) => exitCode !== 0);
    if (isLost && death !== undefined) {
      const how = death.signal ?? `exit ${death.exitCode}`;
      throw new TaskError(
        'E_ENGINE_FAILED',
        `SPHINX: ended with ${how}: ${death.lastLines.at(-1) ?? 'it wrote nothing'}`,
      );
    }
    if (outcomes.length === 0) throw new TaskError('E_ENGINE_FAILED', 'SPHINX: ended without an outcome');
  }
  return collectTiers(request, found, others);
}

function modelOf({ language }: AlignmentRequest): string {
  if (language.acousticModelPath !== null) return language.acousticModelPath;
  const message = `language ${language.code}: expected an acoustic model, found none; name its folder`;
  throw new TaskError('E_LANGUAGE_BROKEN', message);
}

/** The phones that a word without a known pronunciation may have. */
function listPhones({ language, pronunciations }: AlignmentRequest): string[] {
  const phones = language.phones.size > 0 ? language.phones : pronunciations.flatMap((one) => one.phones);
  return [...new Set(phones)].filter((phone) => phone !== UNKNOWN_PHONE);
}
