import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { plural } from '../../base/count-text.ts';
import { toTaskError, type Warning } from '../../base/errors.ts';
import { readUsablePhones } from '../../lexicon/dictionary.ts';
import type { Pronunciation } from '../../lexicon/language.ts';
import type { Guesser, Resources } from '../resources.ts';
import type { StageContext } from '../stage.ts';
import type { Guesses } from './inspection.ts';

/** The limit for one engine. Some seconds are usual, and the task can go on without guesses. */
const GUESS_LIMIT_SEC = 600;

type GuessContext = Pick<StageContext, 'workspaceDir' | 'logPath' | 'limits' | 'signal' | 'log'>;

/**
 * Asks the engines that can guess pronunciations, one after the other, until one gives usable ones. A failure costs only the
 * guesses.
 * @throws the reason of `ctx.signal` when aborted
 */
export async function guessWords(
  words: readonly string[],
  { language, guessers }: Resources,
  ctx: GuessContext,
): Promise<Guesses> {
  if (guessers.length === 0) return { pronunciations: [], warnings: [] };
  const known = await readUsablePhones(language);
  const reasons: string[] = [];
  for (const guesser of guessers) {
    try {
      const guessed = await ask(guesser, words, reasons.length + 1, ctx);
      // One phone that the acoustic model does not have would fail the whole task.
      const usable = guessed.filter(({ phones }) => phones.every((phone) => known.has(phone)));
      if (usable.length > 0) return { pronunciations: usable, warnings: [] };
      reasons.push(`${guesser.name}: ${describeUseless(guessed, known)}`);
    } catch (error) {
      if (ctx.signal.aborted) throw error;
      reasons.push(`${guesser.name}: ${toTaskError(error).message}`);
    }
  }
  // The reason is in the warning of the task, not in the log: an engine may quote the words.
  ctx.log.warn('words.not_guessed', { words: words.length });
  return { pronunciations: [], warnings: [describeFailure(words, reasons)] };
}

async function ask(
  { name, pronounce }: Guesser,
  words: readonly string[],
  number: number,
  ctx: GuessContext,
): Promise<Pronunciation[]> {
  const workDir = path.join(ctx.workspaceDir, `guess${number}-${name}`);
  await mkdir(workDir, { recursive: true });
  return pronounce(words, {
    workDir,
    logPath: ctx.logPath,
    ...ctx.limits,
    timeoutSec: Math.min(ctx.limits.timeoutSec, GUESS_LIMIT_SEC),
    signal: ctx.signal,
    report: () => undefined,
    onStart: (pid) => ctx.log.info('engine.started_for_words', { engine: name, pid }),
  });
}

function describeUseless(guessed: readonly Pronunciation[], known: ReadonlySet<string>): string {
  if (guessed.length === 0) return 'it returned nothing for the words';
  const unknownPhone = guessed.flatMap(({ phones }) => phones).find((phone) => !known.has(phone));
  return `its model has phones that the language does not have, such as "${unknownPhone}"`;
}

function describeFailure(words: readonly string[], reasons: readonly string[]): Warning {
  return {
    code: 'W_GUESSING_FAILED',
    text:
      `the pronunciations of ${plural(words.length, 'word')} could not be guessed: ` +
      `${reasons.join('; ')}. Add the words to your dictionary, or tell the operator.`,
  };
}
