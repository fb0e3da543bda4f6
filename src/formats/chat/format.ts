import { TaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { nameSome } from '../../base/name-some.ts';
import type { InPieces } from '../../base/pieces.ts';
import { decodeText } from '../text-encoding.ts';
import type { Interval } from '../tiers.ts';
import type { ReadOptions, Transcript, TranscriptFormat } from '../transcript.ts';
import { placeUntimed } from './place-untimed.ts';
import { type ChatFile, readUtterances } from './read-utterances.ts';
import { spokenInChat } from './spoken.ts';

/** Lines that a warning names one by one. */
const MAX_NAMED = 10;

/** CHAT, the format of CLAN and TalkBank: each speaker is a tier, and each main line with its times an interval. */
export const CHAT: TranscriptFormat = {
  read: function* (bytes, file, options): InPieces<Transcript> {
    const { text, warning } = decodeText(bytes, file, options.legacyEncoding);
    if (warning !== undefined) options.warn(warning);
    const chat = yield* readUtterances(text, file);
    const intervals = toIntervals(chat, file, options);
    const lastSec = [...intervals.values()].flat().reduce((last, { endSec }) => Math.max(last, endSec), 0);
    const span = { startSec: 0, endSec: Math.max(options.audioSec ?? 0, lastSec) };
    const names = tierNames(chat, [...intervals.keys()]);
    return {
      ...span,
      tiers: [...intervals].map(([code, own]) => ({
        kind: 'interval',
        name: names.get(code) ?? code,
        ...span,
        intervals: own.sort((one, other) => one.startSec - other.startSec),
      })),
      shownLabel: spokenInChat,
    };
  },
};

/** By the code of the speaker. */
function toIntervals(
  { utterances, dependentTiers }: ChatFile,
  file: string,
  { audioSec, warn }: ReadOptions,
): Map<string, Interval[]> {
  const { timed, placedLines, leftLines } = placeUntimed(utterances, audioSec);
  if (timed.length === 0 && leftLines[0] !== undefined) {
    const text =
      'expected times in bullets after the utterances, found none; link the transcript to its recording in CLAN, ' +
      'or save what each speaker says with times in another format';
    throw new TaskError('E_TRANSCRIPT_MALFORMED', text, { place: { file, line: leftLines[0] } });
  }
  if (placedLines[0] !== undefined) {
    const found = `no times in ${naming(placedLines)}: the words are looked for between the utterances before and after`;
    warn(findingAt('W_TRANSCRIPT_READ', { file, line: placedLines[0] }, found));
  }
  if (leftLines[0] !== undefined) {
    const found =
      `no times in ${naming(leftLines)}, and no time between the utterances before and after: left out; ` +
      'link these lines to the recording in CLAN if you need them';
    warn(findingAt('W_TRANSCRIPT_READ', { file, line: leftLines[0] }, found));
  }
  if (dependentTiers.size > 0) {
    const named = [...dependentTiers].map(([name, count]) => `%${name} (${count})`);
    const found = `not spoken, and not in the result: ${named.slice(0, MAX_NAMED).join(', ')}`;
    const rest = named.length - MAX_NAMED;
    warn(findingAt('W_TRANSCRIPT_READ', { file }, `${found}${rest > 0 ? ` and ${rest} more tiers` : ''}`));
  }
  const intervals = new Map<string, Interval[]>();
  for (const { speaker, startSec, endSec, text, line } of timed) {
    const own = intervals.get(speaker) ?? [];
    intervals.set(speaker, own);
    own.push({ startSec, endSec, text, line });
  }
  return intervals;
}

/** The names of the speakers; the code of those who have none, or one that another has, too. */
function tierNames({ names }: ChatFile, codes: readonly string[]): Map<string, string> {
  const wanted = new Map(codes.map((code) => [code, names.get(code) ?? code]));
  const counts = new Map<string, number>();
  for (const name of wanted.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map([...wanted].map(([code, name]) => [code, counts.get(name) === 1 ? name : code]));
}

function naming(lines: readonly number[]): string {
  return `${lines.length === 1 ? 'line' : 'lines'} ${nameSome(lines, MAX_NAMED, String)}`;
}
