import { toLogFields } from '../../base/errors.ts';
import { makeAudioDir, takesRate, writeMono } from '../prepare/mono-audio.ts';
import { type MonoAudio, type PreparedUtterance, type Recording, tiersIn } from '../prepared.ts';
import type { Cutter } from '../resources.ts';
import type { StageContext } from '../stage.ts';
import { type Cut, planCut } from './cut.ts';
import { buildCutterLexicon, type TaskWords } from './cutter-lexicon.ts';
import { type Run, runEngine } from './engine-run.ts';
import { planForeignCut } from './foreign-cut.ts';
import { createTaker } from './in-time.ts';
import { countPhones } from './phone-count.ts';
import { findSpokenGaps } from './spoken-gaps.ts';
import { takeSqueezed } from './squeezed.ts';

/** If a larger share of the words cannot be written in phones of the other language, its model finds too little. */
const MAX_UNKNOWN_SHARE = 0.2;

/**
 * Lets the cutter find the words of utterances in the audio, and cuts the utterances at pauses. So an engine that finds all
 * words of an utterance or none gets short parts with the words that are said in them.
 * @param task - how the words are pronounced
 * @param recordings - with only the utterances to cut
 * @returns no entry for utterances that could not be cut: cutting is optional
 * @throws only the reason of the signal
 */
export async function findCuts(
  cutter: Cutter,
  task: TaskWords,
  recordings: readonly Recording[],
  ctx: StageContext,
  run: Run,
): Promise<ReadonlyMap<PreparedUtterance, Cut>> {
  const cuts = new Map<PreparedUtterance, Cut>();
  if (recordings.length === 0) return cuts;
  try {
    const heard = await toHeard(cutter, recordings, ctx, run);
    const words = new Set(
      heard.flatMap(({ tiers }) => tiers.flatMap(({ utterances }) => utterances.flatMap((one) => one.words))),
    );
    const lexicon = await buildCutterLexicon(cutter, task, words, ctx.signal);
    if (cutter.isForeign && lexicon.unknown.length > MAX_UNKNOWN_SHARE * words.size) return cuts;
    const found = await runEngine({ ...cutter, lexicon }, heard, ctx, run);
    const phoneCount = countPhones(lexicon.simple);
    for (const [audio, { id, utterances }] of heard.flatMap((one) =>
      one.audios.flatMap((audio) => tiersIn(audio, one).map((tier) => [audio, tier] as const)),
    )) {
      const takeSpeech = createTaker(found.unwritten.get(id) ?? []);
      const takeDoubts = createTaker(found.doubts.get(id) ?? []);
      for (const utterance of utterances) {
        const { endSec } = utterance;
        const own = { words: found.words.get(utterance) ?? [], unwritten: takeSpeech(endSec) };
        const ownDoubts = takeDoubts(endSec);
        if (cutter.isForeign) {
          const cut = planForeignCut(utterance, own.words, phoneCount);
          if (cut.parts.length > 1) cuts.set(utterance, cut);
          continue;
        }
        const sure = takeSqueezed(own.words, own.unwritten, phoneCount);
        const gaps = await findSpokenGaps(utterance, sure, audio, phoneCount);
        ctx.signal.throwIfAborted();
        cuts.set(utterance, planCut(utterance, { ...sure, gaps }, ownDoubts));
      }
    }
  } catch (error) {
    ctx.signal.throwIfAborted();
    ctx.log.warn('engine.not_cut', toLogFields(error));
  }
  return cuts;
}

/** The recordings with audio in the form that the cutter takes. */
async function toHeard(
  { engine }: Cutter,
  recordings: readonly Recording[],
  ctx: StageContext,
  run: Run,
): Promise<Recording[]> {
  const dir = await makeAudioDir(ctx, run.name);
  const heard: Recording[] = [];
  for (const recording of recordings) {
    const audios: MonoAudio[] = [];
    for (const audio of recording.audios) {
      if (tiersIn(audio, recording).length === 0) continue;
      const isFit = takesRate(engine.audio, audio.monoRateHz);
      audios.push(isFit ? audio : await writeMono(recording, audio.channel, engine.audio, dir, ctx.signal));
    }
    heard.push({ ...recording, audios });
  }
  return heard;
}
