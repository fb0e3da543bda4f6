import type { Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { nameSome } from '../../base/name-some.ts';
import { type InPieces, Piece } from '../../base/pieces.ts';
import { MalformedLines, quoteFound } from '../malformed.ts';
import { type Interval, type IntervalTier, linesOf } from '../tiers.ts';
import type { Transcript, TranscriptFormat } from '../transcript.ts';
import { decodeXml } from '../xml-text.ts';
import type { EafDocument } from './document.ts';
import { findHierarchy } from './hierarchy.ts';
import { findOriginMs } from './media.ts';
import { parseEaf } from './parse.ts';
import { findSpans, type Spans } from './spans.ts';
import { findSpeech, HOW_TO_CHOOSE } from './speech.ts';

const MS_PER_SEC = 1000;
/** How many tiers or media a message lists. */
const MAX_NAMED = 10;

/**
 * ELAN's annotation files (EAF). Each tier is a tier, named by its TIER_ID. Annotations without times of their own get
 * times as in ELAN.
 */
export const EAF: TranscriptFormat = {
  read: function* (bytes, file, options): InPieces<Transcript> {
    const faults = new MalformedLines(file);
    const document = yield* parseEaf(decodeXml(bytes, file, options), file, faults);
    faults.throwAny();
    const hierarchy = findHierarchy(document, faults);
    const spans = findSpans(document, hierarchy, faults);
    const speech = findSpeech(document, hierarchy, faults);
    const originMs = findOriginMs(document, options.audioName ?? file);
    if (originMs === null) faults.add(linesOf(document.media[0] ?? {}), severalOrigins(document));
    faults.throwAny();

    const kept = new Set([...document.tiers.keys()].filter((tier) => !speech.has(tier)));
    const warning = describeKept(document, kept, file);
    if (warning !== null) options.warn(warning);
    const { tiers, endSec } = yield* makeTiers(document, spans, originMs ?? 0);
    const span = { startSec: 0, endSec: Math.max(endSec, options.audioSec ?? 0) };
    return {
      ...span,
      tiers: tiers.map((tier) => ({ ...tier, ...span })),
      keptTiers: kept,
      besideTiers: besideTiers(document),
    };
  },
};

function* makeTiers(
  { tiers, annotations }: EafDocument,
  { startsMs, endsMs }: Spans,
  originMs: number,
): InPieces<{ readonly tiers: Omit<IntervalTier, 'startSec' | 'endSec'>[]; readonly endSec: number }> {
  const made: Omit<IntervalTier, 'startSec' | 'endSec'>[] = [];
  let lastSec = 0;
  const piece = new Piece();
  const toSec = (timeMs: number | undefined) => ((timeMs ?? 0) + originMs) / MS_PER_SEC;
  for (const { name, from, to } of tiers) {
    const intervals: Interval[] = [];
    for (let number = from; number < to; number++) {
      const text = annotations[number]?.value ?? '';
      const endSec = toSec(endsMs[number]);
      intervals.push({ startSec: toSec(startsMs[number]), endSec, text });
      lastSec = Math.max(lastSec, endSec);
      if (piece.add(text)) yield;
    }
    intervals.sort((a, b) => a.startSec - b.startSec);
    made.push({ kind: 'interval', name, intervals });
  }
  return { tiers: made, endSec: lastSec };
}

/** What an EAF has that tiers cannot hold: see `Transcript.besideTiers`. */
function besideTiers({ tiers, media, hasVocabularies }: EafDocument): string[] {
  return [
    ...(tiers.some(({ parent }) => parent !== null) ? ['which tier depends on which'] : []),
    ...(tiers.some(({ participant }) => participant !== null && participant !== '') ? ['participants'] : []),
    ...(media.length > 0 ? ['names of media'] : []),
    ...(hasVocabularies ? ['vocabularies'] : []),
  ];
}

function severalOrigins({ media }: EafDocument): string {
  const all = media.map(
    ({ names, originMs }) => `${quoteFound(names.find((name) => name !== '') ?? '')} ${originMs}`,
  );
  return (
    `expected one TIME_ORIGIN for the recording, found several (${all.slice(0, MAX_NAMED).join(', ')}); ` +
    'give the recording the name that its medium has in ELAN'
  );
}

/** The warning about tiers that are not aligned. @returns null: they have no annotations */
function describeKept({ tiers }: EafDocument, kept: ReadonlySet<number>, file: string): Warning | null {
  const withText = [...kept].filter((number) => {
    const { from = 0, to = 0 } = tiers[number] ?? {};
    return to > from;
  });
  if (withText.length === 0) return null;
  const names = nameSome(withText, MAX_NAMED, (number) => quoteFound(tiers[number]?.name ?? ''));
  const what = withText.length === 1 ? 'tier' : 'tiers';
  const text = `not aligned, kept as they are: ${what} ${names}; ${HOW_TO_CHOOSE}`;
  return findingAt('W_TIER_KEPT', { file }, text);
}
