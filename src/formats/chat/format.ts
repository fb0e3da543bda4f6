import { TaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { nameSome } from '../../base/name-some.ts';
import type { InPieces } from '../../base/pieces.ts';
import { laneTiers } from '../lane-tiers.ts';
import { quoteFound } from '../malformed.ts';
import { decodeText } from '../text-encoding.ts';
import { type IntervalTier, sortByStart } from '../tiers.ts';
import type { ReadOptions, Transcript, TranscriptFormat } from '../transcript.ts';
import { toDependentTiers } from './dependent-tiers.ts';
import { type PlacedUtterances, placeUntimed } from './place-untimed.ts';
import { type ChatFile, readUtterances } from './read-utterances.ts';
import { cutSlips } from './slips.ts';
import { spokenInChat } from './spoken.ts';

/** How many lines or tiers a warning lists. */
const MAX_NAMED = 10;

/**
 * CHAT, the format of CLAN and TalkBank: each speaker is a tier, and each main line with times an interval. Dependent
 * tiers get the times of their main lines, and are kept unchanged.
 */
export const CHAT: TranscriptFormat = {
  read: function* (bytes, file, options): InPieces<Transcript> {
    const { text, warning } = decodeText(bytes, file, options.legacyEncoding);
    if (warning !== undefined) options.warn(warning);
    const chat = yield* readUtterances(text, file);
    const { bySpeaker, endSec, spans } = placeAll(chat, file, options);
    const span = { startSec: 0, endSec: Math.max(options.audioSec ?? 0, endSec) };
    const dependent = yield* toDependentTiers(chat, spans);
    const names = tierNames(chat, [...bySpeaker.keys()]);
    const tiers: IntervalTier[] = [];
    const keptTiers = new Set<number>();
    for (const [code, own] of bySpeaker) {
      const name = names.get(code) ?? code;
      // Names of further tiers have a blank, which no name of a participant has: they cannot be the same.
      const lanes = laneTiers(new Map([[name, sortByStart(own)]]), file, 'utterances', options.warn);
      for (const lane of lanes) tiers.push({ kind: 'interval', ...span, ...lane });
      for (const [tier, told] of dependent.get(code) ?? []) {
        keptTiers.add(tiers.length);
        tiers.push({ kind: 'interval', name: `%${tier}@${name}`, ...span, intervals: told });
      }
      yield;
    }
    warnOfDependent(
      chat,
      [...keptTiers].map((number) => tiers[number]?.name ?? ''),
      file,
      options,
    );
    return { ...span, tiers, keptTiers, shownLabel: spokenInChat, besideTiers: ['headers'] };
  },
};

/** Finds times for all main lines, and warns about those that are changed, placed or left out. */
function placeAll(chat: ChatFile, file: string, { audioSec, warn }: ReadOptions): PlacedUtterances {
  const { utterances, cutLines } = cutSlips(chat.utterances);
  const placed = placeUntimed(utterances, audioSec);
  const { bySpeaker, placedLines, leftLines } = placed;
  if (bySpeaker.size === 0 && leftLines[0] !== undefined) {
    const text =
      'expected times in bullets after the utterances, found none; link the transcript to its recording in CLAN, ' +
      'or save what each speaker says with times in another format';
    throw new TaskError('E_TRANSCRIPT_MALFORMED', text, { place: { file, line: leftLines[0] } });
  }
  if (cutLines[0] !== undefined) {
    const found = `utterances that last up to 0.1 s into the next one of their speaker are read up to its start: ${naming(cutLines)}`;
    warn(findingAt('W_TRANSCRIPT_READ', { file, line: cutLines[0] }, found));
  }
  if (placedLines[0] !== undefined) {
    const found = `no times in ${naming(placedLines)}: the words are looked for between the utterances before and after`;
    warn(findingAt('W_TRANSCRIPT_READ', { file, line: placedLines[0] }, found));
  }
  if (leftLines[0] !== undefined) {
    const found =
      `no times in ${naming(leftLines)}, and no time between the utterances before and after: left out, with their ` +
      'dependent tiers; link these lines to the recording in CLAN if you need them';
    warn(findingAt('W_TRANSCRIPT_READ', { file, line: leftLines[0] }, found));
  }
  return placed;
}

function warnOfDependent(
  { partlyTimedTiers }: ChatFile,
  names: readonly string[],
  file: string,
  { warn }: ReadOptions,
): void {
  if (names.length > 0) {
    const tiers = `${names.length === 1 ? 'tier' : 'tiers'} ${nameSome(names, MAX_NAMED, quoteFound)}`;
    warn(findingAt('W_TIER_KEPT', { file }, `not aligned, kept as they are: ${tiers}`));
  }
  if (partlyTimedTiers.size > 0) {
    const tiers = nameSome([...partlyTimedTiers], MAX_NAMED, (tier) => `%${tier}`);
    warn(
      findingAt('W_TRANSCRIPT_READ', { file }, `words without times of their own are left out of ${tiers}`),
    );
  }
}

/** The name of the tier of each speaker, by code: the speaker's name or, if it is missing or not unique, the code. */
function tierNames({ names }: ChatFile, codes: readonly string[]): Map<string, string> {
  const wanted = new Map(codes.map((code) => [code, names.get(code) ?? code]));
  const counts = new Map<string, number>();
  for (const name of wanted.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map([...wanted].map(([code, name]) => [code, counts.get(name) === 1 ? name : code]));
}

function naming(lines: readonly number[]): string {
  return `${lines.length === 1 ? 'line' : 'lines'} ${nameSome(lines, MAX_NAMED, String)}`;
}
