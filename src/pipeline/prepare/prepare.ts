import { parseColumnChoices } from '../../base/column-choices.ts';
import { throwFaults } from '../../base/errors.ts';
import { formatFinding } from '../../base/finding.ts';
import { cutLexicon } from '../../lexicon/merge.ts';
import type { MonoAudio, Prepared, Recording, TieredPair } from '../prepared.ts';
import { chooseResources, type Resources } from '../resources.ts';
import type { StageContext } from '../stage.ts';
import { guessWords } from './guess-words.ts';
import { findInputFiles } from './input-files.ts';
import { inspect } from './inspect.ts';
import { wordsOf } from './inspect-part.ts';
import { makeAudioDir, writeMono } from './mono-audio.ts';
import { findUserDictionary } from './user-dictionary-file.ts';

/** Share of the whole task that is done at the end of this stage. */
const READY_PROGRESS = 0.05;

/**
 * Reads and checks the input of the task, so that its engine, the expensive part, starts only on input that it can align.
 * @throws TaskError with all faults of all files at once
 */
export async function prepare(ctx: StageContext): Promise<Prepared> {
  ctx.report({ stage: 'prepare', progress: 0 });
  const resources = await chooseResources(ctx.task, ctx.findLanguage, ctx.engines);
  const input = await findInputFiles(ctx.uploadsDir, ctx.task, ctx.taskLimits);
  const inspected = await inspect(input, {
    ...(input.faults.length === 0 ? { guessWords: (words) => guessWords(words, resources, ctx) } : {}),
    resources,
    policy: ctx.policy,
    taskLimits: ctx.taskLimits,
    columns: parseColumnChoices(ctx.task.columns ?? null),
    dir: input.dir,
    uploadsDir: ctx.uploadsDir,
    dictionary: await findUserDictionary(ctx.uploadsDir, ctx.task, resources.language),
    decodeAudio: ctx.decodeAudio,
    place: {
      scratchDir: await makeAudioDir(ctx, 'decoded'),
      logPath: ctx.logPath,
      timeoutSec: ctx.limits.timeoutSec,
      signal: ctx.signal,
    },
  });
  throwFaults([...input.faults, ...inspected.faults]);
  for (const warning of inspected.lexicon.warnings)
    ctx.log.warn('dictionary.line_ignored', { message: formatFinding(warning) });
  const warnings = [...input.warnings, ...inspected.warnings];
  const recordings = await convertAudio(inspected.pairs, resources, ctx);
  const { counts } = inspected;
  ctx.report({ stage: 'prepare', progress: READY_PROGRESS, counts });
  const used = new Set(recordings.flatMap(({ tiers }) => tiers.flatMap(wordsOf)));
  return {
    ...resources,
    lexicon: cutLexicon(inspected.lexicon, used),
    recordings,
    warnings,
    counts,
  };
}

async function convertAudio(
  pairs: readonly TieredPair[],
  { engine }: Resources,
  ctx: StageContext,
): Promise<Recording[]> {
  const dir = await makeAudioDir(ctx, 'mono');
  const recordings: Recording[] = [];
  for (const pair of pairs) {
    const audios: MonoAudio[] = [];
    for (const channel of new Set(pair.tiers.map((tier) => tier.channel)))
      audios.push(await writeMono(pair, channel, engine.audio, dir, ctx.signal));
    recordings.push({ ...pair, audios });
  }
  return recordings;
}
