import { TaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { isElanTab, readElanTab } from '../elan-tab/read.ts';
import { isHtkLabels, readHtkLabels } from '../htk-labels.ts';
import { LineReader } from '../line-reader.ts';
import { isSampleLabels, refuseSampleLabels, SAMPLE_LABELS_HZ } from '../sample-labels.ts';
import { NameTally, nameSpeakers, splitTimedName } from '../speaker-names.ts';
import { TABLE } from '../table/format.ts';
import { decodeText } from '../text-encoding.ts';
import type { TextLine } from '../tiers.ts';
import type { ReadOptions, Transcript, TranscriptFormat } from '../transcript.ts';
import { isTable } from './is-table.ts';
import { refuseOtherKinds } from './other-kinds.ts';

/** The name of the only tier of a text. It is the same in all recordings, for scripts that read many results. */
const TIER = 'speaker';

/**
 * Plain text: what is said in the whole recording, without times (`.txt`, and `.lab` as MFA has it). A `.lab` may have
 * HTK's labels, a `.txt` may be a table or an export of ELAN, and both may have TIMIT's labels.
 */
export const TEXT: TranscriptFormat = {
  read: function* (bytes, file, options): InPieces<Transcript> {
    refuseOtherKinds(bytes, file);
    const { text, warning } = decodeText(bytes, file, options.legacyEncoding);
    const isTxt = /\.txt$/i.test(file);
    if (isTxt && isTable(text, file, options.columns ?? [])) return yield* TABLE.read(bytes, file, options);
    if (warning !== undefined) options.warn(warning);
    if (isTxt && isElanTab(text)) return yield* readElanTab(text, file, options);
    if (isSampleLabels(text, file, options)) return yield* readHtkLabels(text, file, SAMPLE_LABELS_HZ);
    const isHtk = isHtkLabels(text);
    if (isHtk && /\.lab$/i.test(file)) return yield* readHtkLabels(text, file);
    if (!isHtk) refuseSampleLabels(text, file);
    return yield* readPlainText(text, file, options);
  },
};

function* readPlainText(
  text: string,
  file: string,
  { audioSec, warn }: Pick<ReadOptions, 'audioSec' | 'warn'>,
): InPieces<Transcript> {
  const lines: TextLine[] = [];
  const tally = new NameTally();
  const piece = new Piece();
  const reader = new LineReader(text);
  for (let content = reader.next(); content !== null; content = reader.next()) {
    if (piece.add(content)) yield;
    const said = content.trim();
    if (said === '') continue;
    lines.push({ text: said, line: reader.number });
    tally.add([splitTimedName(said)]);
  }
  if (lines.length === 0) {
    const found = text === '' ? 'an empty file' : 'nothing but blanks and line breaks';
    const message = `expected the words that are said in the recording, found ${found}; save the text again`;
    throw new TaskError('E_TRANSCRIPT_NO_WORDS', message, { place: { file } });
  }
  const span = { startSec: 0, endSec: audioSec ?? 0 };
  const interval = { ...span, text: lines.map((line) => line.text).join('\n'), lines };
  const tiers = [{ kind: 'interval' as const, name: TIER, ...span, intervals: [interval] }];
  const speakers = tally.speakers();
  if (speakers.size === 0) return { ...span, tiers };
  const shown = (said: string) => {
    const head = splitTimedName(said);
    return head !== null && speakers.has(head.name) ? head.said : said;
  };
  const first = lines.find(({ text: said }) => shown(said) !== said);
  const found =
    `from here on, words at the start of lines are read as names of speakers, and not aligned: ${nameSpeakers(speakers)}; ` +
    'the text stays one tier; where such words are spoken, remove the colon';
  warn(findingAt('W_TRANSCRIPT_READ', { file, line: first?.line ?? 1 }, found));
  return { ...span, tiers, shownLabel: (label) => label.split('\n').map(shown).join('\n') };
}
