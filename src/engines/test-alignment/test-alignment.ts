import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { devNull } from 'node:os';
import path from 'node:path';
import { type ErrorCode, toTaskError } from '../../base/errors.ts';
import type { Language } from '../../lexicon/language.ts';
import { buildLexicon } from '../../lexicon/merge.ts';
import type { Engine } from '../engine.ts';
import { SPEECH } from './speech.ts';
import { findTestWords } from './test-words.ts';

/** The outcome of a test alignment. */
export interface TestAlignmentOutcome {
  /** False only when the engine itself is at fault. */
  readonly isFit: boolean;
  /** For people: what was tried and how it went. */
  readonly note: string;
}

/** A start of MFA 2 takes some seconds, more where its files come over a network. */
const LIMIT_SEC = 60;
/** One bad pair of words must not take an engine out of rotation. */
const MAX_FAULTS = 2;
/** Languages with broken files are skipped. */
const MAX_LANGUAGES = 5;
/** Errors that only a broken installation causes. Any other error points to a language, a disk or a setting. */
const ENGINE_FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'E_ENGINE_MISSING',
  'E_ENGINE_FAILED',
  'E_ENGINE_TIMEOUT',
  'E_ENGINE_SILENT',
  'E_OUTPUT_INVALID',
]);

/** Other words would hang as well. */
const HANGS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['E_ENGINE_TIMEOUT', 'E_ENGINE_SILENT']);

interface Try {
  readonly language: Language;
  readonly words: readonly string[];
}

/**
 * Aligns two short words of a language with some speech, through the engine's own driver, as a task would be. Two, since
 * an engine may be able to do one word and fail at the pause between two.
 *
 * The words are not what is said, so that all that counts is that the engine ran to its end: an alignment, or none,
 * proves the installation. It is found unfit when it hung, or when it twice could not be started, died, or wrote what
 * cannot be read: with words of two of its languages, or other words of the only one. A language whose own files are
 * broken proves nothing about its engine.
 * @param languages - of this engine; empty: nothing is tried
 * @param dir - where tasks work, too: a launcher may start the engine where no other folder is to be seen
 * @param limitSec - for each start
 * @throws the reason of the signal, when aborted
 */
export async function tryAlignment(
  engine: Engine,
  languages: readonly Language[],
  signal: AbortSignal,
  dir: string,
  limitSec = LIMIT_SEC,
): Promise<TestAlignmentOutcome> {
  const faults: string[] = [];
  const doubts: string[] = [];
  const broken = new Set<Language>();
  for await (const one of chooseTries(languages.slice(0, MAX_LANGUAGES), doubts)) {
    if (broken.has(one.language)) continue;
    try {
      const wordCount = await alignWords(engine, one, signal, { dir, limitSec });
      const found = wordCount > 0 ? 'aligned test words' : 'ran over test words and aligned nothing';
      return { isFit: true, note: `${found} of ${one.language.code}` };
    } catch (error) {
      signal.throwIfAborted();
      const { code, message } = toTaskError(error);
      const isEngineFault = ENGINE_FAULTS.has(code);
      (isEngineFault ? faults : doubts).push(`${one.language.code}: ${message}`);
      if (!isEngineFault) broken.add(one.language);
      if (faults.length === MAX_FAULTS || HANGS.has(code)) break;
    }
  }
  if (faults.length > 0) return { isFit: false, note: `its test alignment failed: ${faults.join('; ')}` };
  const reason = doubts.length > 0 ? doubts.join('; ') : 'no language is installed for it';
  return { isFit: true, note: `not tried: ${reason}` };
}

/** The first two words of each language, then the next two. What is wrong with a dictionary is added to `faults`. */
async function* chooseTries(languages: readonly Language[], faults: string[]): AsyncGenerator<Try> {
  const second: Try[] = [];
  for (const language of languages) {
    try {
      const [first, next = first, third = next, fourth = first] = await findTestWords(language, 4);
      if (first === undefined || next === undefined || third === undefined || fourth === undefined) {
        faults.push(`${language.code}: its dictionary has no short word`);
        continue;
      }
      if (third !== first) second.push({ language, words: [third, fourth] });
      yield { language, words: [first, next] };
    } catch (error) {
      faults.push(`${language.code}: ${toTaskError(error).message}`);
    }
  }
  yield* second;
}

/** @returns the number of words that came back */
async function alignWords(
  engine: Engine,
  { language, words }: Try,
  signal: AbortSignal,
  limits: { readonly dir: string; readonly limitSec: number },
): Promise<number> {
  const { limitSec } = limits;
  const dir = await mkdtemp(path.join(limits.dir, 'test-alignment-'));
  try {
    const lexicon = await buildLexicon({
      language,
      userDictionaryPath: null,
      suggested: [],
      words: new Set(words),
      signal,
    });
    const workDir = path.join(dir, 'run');
    await mkdir(workDir);
    const { path: audioPath, sampleRateHz, durationSec } = SPEECH;
    const utterances = [{ startSec: 0, endSec: durationSec, words }];
    const file = { id: 'f1', audioPath, sampleRateHz, durationSec, tiers: [{ id: 't1', utterances }] };
    const tiers = await engine.align(
      // The words are not said: a usual search could find nothing, which some engines end as they do a broken model.
      { language, pronunciations: lexicon.simple, files: [file], search: 'wide' },
      {
        workDir,
        logPath: devNull,
        coreCount: 1,
        timeoutSec: limitSec,
        silenceSec: limitSec,
        signal,
        report: () => undefined,
      },
    );
    return tiers.reduce((sum, tier) => sum + tier.words.length, 0);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
