import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readPronunciations } from '../../lexicon/dictionary.ts';
import type { Language, Pronunciation } from '../../lexicon/language.ts';
import type { EngineContext } from '../engine.ts';
import { engineFailed } from '../process/failure.ts';
import { runProcess } from '../process/run-process.ts';
import { makeMfaDirs } from './dirs.ts';
import type { MfaKind } from './kind.ts';
import { placeG2pModel } from './model.ts';
import { type MfaSettings, mfaEnvironment } from './settings.ts';

/** Words of letters, digits and signs inside words. No model has other signs, and some would split or hide the word. */
const SPELLED = /^(?=.*\p{L})[\p{L}\p{M}\p{N}'.-]+$/u;
/** The program writes nothing while it works, and needs more time for more words. */
const SILENCE_PER_WORD_SEC = 0.1;

/**
 * Guesses the pronunciations of words by the G2P model of a language. MFA leaves out words with a letter that the model does not
 * know, without a message, and still exits with 0.
 * @throws TaskError E_LANGUAGE_BROKEN without a model; E_ENGINE_FAILED when there is no pronunciation at all
 */
export async function guessPronunciations<Version>(
  kind: MfaKind<Version>,
  version: Version,
  settings: MfaSettings,
  words: readonly string[],
  language: Language,
  context: EngineContext,
): Promise<Pronunciation[]> {
  const spelled = words.filter((word) => SPELLED.test(word));
  if (spelled.length === 0) return [];
  const dirs = await makeMfaDirs(context.workDir);
  const modelPath = await placeG2pModel(language, context.workDir);
  const wordsPath = path.join(context.workDir, 'words.txt');
  const outPath = path.join(dirs.out, 'guessed.dict');
  await writeFile(wordsPath, `${spelled.join('\n')}\n`);
  const start = { version, command: settings.command, dirs, modelPath, wordsPath, outPath };
  const name = `the G2P program of ${kind.name}`;
  const [program = '', ...args] = [...settings.launcher, ...kind.toG2pCommand(start)];
  const result = await runProcess({
    ...context,
    name,
    argv: [program, ...args],
    cwd: context.workDir,
    env: mfaEnvironment(settings, { HOME: dirs.home, TMPDIR: dirs.tmp, ...kind.toEnvironment(dirs) }),
    silenceSec: context.silenceSec + spelled.length * SILENCE_PER_WORD_SEC,
  });
  const guessed = await readPronunciations(outPath, new Set(spelled)).catch(() => null);
  if (guessed === null || guessed.pronunciations.length === 0) {
    throw engineFailed(name, result, 'no pronunciation');
  }
  return [...guessed.pronunciations];
}
