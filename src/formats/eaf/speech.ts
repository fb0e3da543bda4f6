import { nameSome } from '../../base/name-some.ts';
import { type MalformedLines, quoteFound } from '../malformed.ts';
import { linesOf } from '../tiers.ts';
import type { EafDocument, EafTier } from './document.ts';
import type { Hierarchy } from './hierarchy.ts';
import { isOfResult } from './tier-types.ts';

/** How many tiers a message lists. */
const MAX_NAMED = 10;
/** A tier type by which users choose: if an EAF has tiers of this type, only they are aligned. */
const CHOSEN_TYPE = /^align(?!\p{L})/iu;
/** Words in the names of tiers and types that have the spoken text. They decide between several tiers with words. */
const ORTHOGRAPHY =
  /(?<!\p{L})(?:orth|ortho|orthography|orthographic|tx|txt|text|transcript|transcription|utt|utterances?|phrases?|speech)(?!\p{L})/iu;
/** A label that is only a number or reference: `12`, `talk.003`. */
const REFERENCE = /^\S*\d\S*$/;
/** A tier counts as one of references if at least this share of its labels are references. */
const REFERENCE_SHARE = 0.9;

/** How to choose the tiers to align, for messages. */
export const HOW_TO_CHOOSE =
  'to choose the tiers yourself, give those with the words that are spoken, in ELAN, a tier type whose name begins with "align"';

/**
 * Chooses the tiers that are aligned: those that users chose by their tier type; otherwise each tier that depends on no
 * other, which is a speaker. Tiers that depend on it are translations, glosses, words and so on. If it has no words, only
 * references, the nearest tier that depends on it and has words is aligned instead.
 * @param faults - gets a fault if several tiers could be aligned instead
 * @returns the numbers of the tiers
 */
export function findSpeech(
  document: EafDocument,
  { roots, childrenOf }: Hierarchy,
  faults: MalformedLines,
): ReadonlySet<number> {
  const chosen = [...document.tiers.keys()].filter((tier) =>
    CHOSEN_TYPE.test(document.tiers[tier]?.type ?? ''),
  );
  if (chosen.length > 0) return new Set(chosen);
  const hasWords = (tier: number) => holdsWords(document, tier);
  const speech = new Set<number>();
  for (const root of roots) {
    const candidates = nearestWithWords(root, childrenOf, hasWords);
    const named = candidates.filter((tier) => isOrthography(document.tiers[tier]));
    const [only = root, another] = named.length > 0 ? named : candidates;
    if (another === undefined) speech.add(only);
    else faults.add(linesOf(document.tiers[root] ?? {}), ambiguous(document, root, candidates));
  }
  return speech;
}

/** The tier itself if it has words; otherwise the nearest tiers with words that depend on it. Empty: none has words. */
function nearestWithWords(
  root: number,
  childrenOf: Hierarchy['childrenOf'],
  hasWords: (tier: number) => boolean,
): readonly number[] {
  for (let level = [root]; level.length > 0; level = level.flatMap(childrenOf)) {
    const found = level.filter(hasWords);
    if (found.length > 0) return found;
  }
  return [];
}

function holdsWords({ tiers, annotations }: EafDocument, number: number): boolean {
  const tier = tiers[number];
  if (tier === undefined || isOfResult(tier)) return false;
  const { from, to } = tier;
  let [words, references] = [0, 0];
  for (let at = from; at < to; at++) {
    const label = annotations[at]?.value.trim() ?? '';
    if (label === '') continue;
    if (REFERENCE.test(label)) references += 1;
    else words += 1;
  }
  return words > 0 && references < REFERENCE_SHARE * (words + references);
}

function isOrthography(tier: EafTier | undefined): boolean {
  return (
    tier !== undefined &&
    (ORTHOGRAPHY.test(tier.name.replaceAll('_', ' ')) || ORTHOGRAPHY.test(tier.type.replaceAll('_', ' ')))
  );
}

function ambiguous({ tiers }: EafDocument, root: number, candidates: readonly number[]): string {
  const names = nameSome(candidates, MAX_NAMED, (tier) => quoteFound(tiers[tier]?.name ?? ''));
  return (
    `expected words in the tier ${quoteFound(tiers[root]?.name ?? '')} or in one tier that depends on it, ` +
    `found them in ${names}; ${HOW_TO_CHOOSE}`
  );
}
