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
  /** False: the engine itself has a fault. */
  readonly isFit: boolean;
  /** What was tried, and the outcome, for messages. */
  readonly note: string;
}

/** How long one start may take. MFA 2 takes some seconds, or more if its files come over a network. */
const LIMIT_SEC = 60;
/** After so many faults, the engine is unfit. One pair of unsuitable words must not take it out of the rotation. */
const MAX_FAULTS = 2;
/** How many languages are tried at most, since some may have broken files. */
const MAX_LANGUAGES = 5;
/** Errors that only a broken installation causes. Any other error points to a language, a disk or a setting. */
const ENGINE_FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'E_ENGINE_MISSING',
  'E_ENGINE_FAILED',
  'E_ENGINE_TIMEOUT',
  'E_ENGINE_SILENT',
  'E_OUTPUT_INVALID',
]);

/** After these errors no other words are tried: the engine would hang again. */
const HANGS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['E_ENGINE_TIMEOUT', 'E_ENGINE_SILENT']);

interface Try {
  readonly language: Language;
  readonly words: readonly string[];
}

/**
 * Aligns two short words of a language with some speech, by the engine's driver, as in a task. It takes two words, since some faults
 * only occur at the pause between words.
 *
 * The words are not said in the audio, so the alignment itself does not matter: the engine works if it ends without an error. It
 * is unfit if it hangs, or if it fails twice (it cannot be started, dies, or writes invalid output): with words of two languages
 * or, if it has only one, with other words. A language with broken files tells nothing about its engine.
 * @param languages - languages of this engine; empty: nothing is tried
 * @param dir - the folder of the workspaces of tasks: in the launcher's container, the engine may see no other folder
 * @param limitSec - for each start
 * @throws the reason of the signal when aborted
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

/** Gives the first two words of each language, then the next two. The faults of dictionaries are added to `faults`. */
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

/** @returns the number of aligned words */
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
      // Wide, since the words are not said: if a search finds nothing, some engines fail as with a broken model.
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
