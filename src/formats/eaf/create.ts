import path from 'node:path';
import type { InPieces } from '../../base/pieces.ts';
import type { ResultDocument, ResultTier } from '../result.ts';
import { speakersOf } from '../result-words.ts';
import { labelled, makeWordTiers } from './new-tiers.ts';
import { TierNames } from './tier-names.ts';
import { TYPES } from './tier-types.ts';
import {
  constraintLine,
  escapeAttribute,
  idsAfter,
  type NewTier,
  type NextIds,
  STEREOTYPES,
  slotLines,
  tierLines,
  typeLine,
} from './xml-write.ts';

/** ELAN needs a date. It is fixed, so that equal results have equal bytes. */
const DATE = '1970-01-01T00:00:00+00:00';
/** Duration of the annotation that a point becomes: ELAN has no points. */
const POINT_SEC = 0.001;
const FIRST_IDS: NextIds = { annotation: 1, slot: 1 };
const MIME_TYPES: Readonly<Record<string, string>> = {
  wav: 'audio/x-wav',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  m4a: 'audio/mp4',
  mpg: 'video/mpeg',
};

/**
 * Makes a new EAF, with the tiers in the order of the document. Each speaker has a tier with the text, one with words
 * that depends on it, and one with phones that depends on the words.
 * @param tiers - of the document, in one alphabet
 * @returns the text of the file, in pieces
 * @throws TaskError E_OUTPUT_INVALID as `toMilliseconds`
 */
export function* createEaf(
  document: ResultDocument,
  tiers: readonly ResultTier[],
): InPieces<Iterable<string>> {
  const made: NewTier[] = [];
  const endMs = Math.ceil(document.durationSec * 1000);
  const within = { startMs: 0, endMs };
  const speakers = new Map(
    speakersOf({ ...document, phones: tiers, ipa: null }).map((one) => [one.name, one]),
  );
  const names = new TierNames();
  for (const tier of tiers) {
    if (tier.role === 'phone' || tier.role === 'word') continue;
    const intervals =
      tier.kind === 'point'
        ? tier.points.map(({ timeSec, text }) => ({ startSec: timeSec, endSec: timeSec + POINT_SEC, text }))
        : tier.intervals.filter(({ text }) => text.trim() !== '');
    const name = names.take(tier.name);
    const participant = tier.role === 'trans' ? tier.speaker : '';
    const annotations = labelled(intervals, within);
    made.push({ name, participant, type: TYPES.free, parent: null, annotations });
    const speaker = tier.role === 'trans' ? speakers.get(tier.speaker) : undefined;
    if (speaker === undefined) continue;
    const parent = { name, participant, spans: annotations };
    made.push(...(yield* makeWordTiers(speaker, { parent, originMs: 0, endMs, names })));
  }
  return lines(document, made);
}

function* lines({ audio }: ResultDocument, tiers: readonly NewTier[]): Generator<string, void> {
  const count = tiers.reduce((sum, { annotations }) => sum + annotations.length, 0);
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<ANNOTATION_DOCUMENT AUTHOR="" DATE="${DATE}" FORMAT="3.0" VERSION="3.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">\n`;
  yield '    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">\n';
  if (audio !== null) yield mediaLine(path.posix.basename(audio.name));
  yield `        <PROPERTY NAME="lastUsedAnnotationId">${count}</PROPERTY>\n`;
  yield '    </HEADER>\n    <TIME_ORDER>\n';
  for (const line of slotLines(tiers, FIRST_IDS)) yield `${line}\n`;
  yield '    </TIME_ORDER>\n';
  let ids = FIRST_IDS;
  for (const tier of tiers) {
    for (const line of tierLines(tier, ids)) yield `${line}\n`;
    ids = idsAfter(ids, tier);
  }
  for (const type of Object.values(TYPES)) yield `${typeLine(type, type !== TYPES.free)}\n`;
  for (const stereotype of STEREOTYPES) yield `${constraintLine(stereotype)}\n`;
  yield '</ANNOTATION_DOCUMENT>\n';
}

/** The recording, with a path relative to the EAF: the user puts it beside the EAF. */
function mediaLine(name: string): string {
  const url = escapeAttribute(`./${encodeURIComponent(name)}`);
  const type = MIME_TYPES[path.extname(name).slice(1).toLowerCase()] ?? 'unknown';
  return `        <MEDIA_DESCRIPTOR MEDIA_URL="${url}" MIME_TYPE="${type}" RELATIVE_MEDIA_URL="${url}"/>\n`;
}
