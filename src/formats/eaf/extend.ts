import type { InPieces } from '../../base/pieces.ts';
import { MalformedLines } from '../malformed.ts';
import type { ResultDocument, ResultTier } from '../result.ts';
import { speakersOf } from '../result-words.ts';
import type { XmlText } from '../xml-handler.ts';
import type { EafDocument, EafTier } from './document.ts';
import { findHierarchy } from './hierarchy.ts';
import { findOriginMs } from './media.ts';
import { makeWordTiers, type ParentTier } from './new-tiers.ts';
import { parseEaf } from './parse.ts';
import { findSpans, type Spans } from './spans.ts';
import { type Survey, surveyEaf } from './survey.ts';
import { TierNames } from './tier-names.ts';
import { TYPES } from './tier-types.ts';
import { constraintLine, idsAfter, type NewTier, slotLines, tierLines, typeLine } from './xml-write.ts';

/** The XML declaration up to the name of an encoding other than UTF-8. */
const OTHER_ENCODING = /^(<\?xml[^>]{0,200}?\sencoding\s*=\s*["'])(?!utf-8["'])[\w.:-]{1,40}(?=["'])/i;

/** A change of a text: `parts` replace the characters from offset `start` to before `end`. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly parts: Iterable<string>;
}

/**
 * Adds tiers of words and phones to the user's EAF, each after the tier with the text. What the EAF
 * has stays unchanged, except the name of the encoding and the last used id. It was read before, so it has no faults.
 * @param text - of the EAF
 * @param file - its name
 * @param tiers - of the document, in one alphabet
 * @returns the text of the new EAF, in pieces; null: the EAF counts in frames, which are too long for phones
 * @throws TaskError E_OUTPUT_INVALID as `toMilliseconds`
 */
export function* extendEaf(
  text: XmlText,
  file: string,
  document: ResultDocument,
  tiers: readonly ResultTier[],
): InPieces<Iterable<string> | null> {
  const faults = new MalformedLines(file);
  const original = yield* parseEaf(text, file, faults);
  if (original.unitMs !== 1) return null;
  const spans = findSpans(original, findHierarchy(original, faults), faults);
  const originMs = findOriginMs(original, document.audio?.name ?? file) ?? 0;
  const survey = yield* surveyEaf(text, file);
  const names = new TierNames(survey.tierNames);
  const numbers = new Map(original.tiers.map(({ name }, number) => [name, number]));
  const added: { readonly after: string; readonly tier: NewTier }[] = [];
  for (const speaker of speakersOf({ ...document, phones: tiers, ipa: null })) {
    const own = numbers.get(speaker.name) ?? numbers.get(speaker.trans?.name ?? '') ?? null;
    const parent = own === null ? null : parentOf(original, spans, own, numbers);
    const place = { parent, originMs, endMs: document.durationSec * 1000 - originMs, names };
    const after = original.tiers[own ?? -1]?.name ?? '';
    for (const tier of yield* makeWordTiers(speaker, place)) added.push({ after, tier });
  }
  return splice(text(), makeEdits(survey, added));
}

/**
 * The tier on which words of a tier may depend: the tier itself, or the nearest one above it whose annotations have time
 * slots. In ELAN, tiers with times can depend only on such a tier.
 * @param own - number of the tier with the text
 * @param numbers - of the tiers, by their names
 * @returns null: there is no such tier
 */
function parentOf(
  { tiers, annotations }: EafDocument,
  { startsMs, endsMs }: Spans,
  own: number,
  numbers: ReadonlyMap<string, number>,
): ParentTier | null {
  let number: number | undefined = own;
  for (let steps = 0; steps < tiers.length && number !== undefined; steps++) {
    const tier: EafTier | undefined = tiers[number];
    if (tier === undefined) return null;
    const { name, from, to }: EafTier = tier;
    if (to > from && annotations[from]?.startSlot !== null) {
      const spans = Array.from({ length: to - from }, (_, index) => ({
        startMs: Math.round(startsMs[from + index] ?? 0),
        endMs: Math.round(endsMs[from + index] ?? 0),
      }));
      const participant = tiers[own]?.participant ?? '';
      return { name, participant, spans: spans.sort((a, b) => a.startMs - b.startMs) };
    }
    number = tier.parent === null ? undefined : numbers.get(tier.parent);
  }
  return null;
}

function makeEdits(
  survey: Survey,
  added: readonly { readonly after: string; readonly tier: NewTier }[],
): Edit[] {
  const edits: Edit[] = [];
  if (added.length === 0) return edits;
  const insert = (at: number | null, lines: Iterable<string>) => {
    if (at !== null) edits.push({ start: at, end: at, parts: eachOnItsLine(lines) });
  };
  const after = (...names: readonly string[]) =>
    names.map(survey.endOf).reduce((last, end) => Math.max(last ?? 0, end ?? 0), 0) as number;
  const types = new Map<string, string>();
  const names = new TierNames(survey.typeNames);
  const typeOf = (type: string) => {
    const name = types.get(type) ?? names.take(type);
    types.set(type, name);
    return name;
  };
  const tiers = added.map(({ tier }) => ({ ...tier, type: typeOf(tier.type) }));
  insert(survey.endOf('TIME_SLOT') ?? null, slotLines(tiers, survey.nextIds));
  let ids = survey.nextIds;
  for (const [index, tier] of tiers.entries()) {
    insert(
      survey.tierEnds.get(added[index]?.after ?? '') ?? after('TIER', 'TIME_ORDER'),
      tierLines(tier, ids),
    );
    ids = idsAfter(ids, tier);
  }
  const rules = [...types].map(([type, name]) => typeLine(name, type !== TYPES.free));
  insert(survey.endOf('LINGUISTIC_TYPE') ?? after('TIER', 'TIME_ORDER'), rules);
  if (!survey.stereotypes.has('Included_In')) {
    const place = survey.endOf('CONSTRAINT') ?? after('TIER', 'LINGUISTIC_TYPE', 'LOCALE', 'LANGUAGE');
    insert(place, [constraintLine('Included_In')]);
  }
  if (survey.lastUsedId !== null) edits.push({ ...survey.lastUsedId, parts: [String(ids.annotation - 1)] });
  return edits.sort((a, b) => a.start - b.start);
}

function* eachOnItsLine(lines: Iterable<string>): Generator<string, void> {
  for (const line of lines) yield `\n${line}`;
}

/**
 * Makes changes in a text, and names UTF-8 as its encoding, since it is stored so.
 * @param text - in pieces
 * @param edits - in the order of their places
 */
function* splice(text: Iterable<string>, edits: readonly Edit[]): Generator<string, void> {
  let position = 0;
  let next = 0;
  let skipTo = 0;
  for (const piece of text) {
    const end = position + piece.length;
    let from = position;
    const keep = (to: number) => {
      const start = Math.max(from, skipTo);
      const kept = start < to ? piece.slice(start - position, to - position) : '';
      from = Math.max(from, to);
      return start === 0 ? kept.replace(OTHER_ENCODING, '$1UTF-8') : kept;
    };
    // A change at the end of a piece is made with the next piece. There is one: all changes are before the last end tag.
    for (let edit = edits[next]; edit !== undefined && edit.start < end; edit = edits[++next]) {
      yield keep(edit.start);
      yield* edit.parts;
      skipTo = edit.end;
    }
    yield keep(end);
    position = end;
  }
}
