import type { Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { nameSome } from '../../base/name-some.ts';
import type { InPieces } from '../../base/pieces.ts';
import type { IntervalTier, Tier } from '../../formats/tiers.ts';
import { shownLabel, type Transcript } from '../../formats/transcript.ts';
import type { PhoneLabels } from '../../lexicon/phone-labels.ts';
import { joinWords } from './join-words.ts';
import { TierTexts } from './tier-texts.ts';

/** What a tier of an aligned transcript holds. */
type Role = 'phone' | 'word' | 'trans';
/** Names of tiers of this program and FAVE (`x - word`), MFA (`x - words`) and faseAlign (`x : words`). */
const SUFFIX = /^(.*\S)\s+[-:]\s+(?:(phones?)|(words?)|(trans))$/i;
/** Names of LaBB-CAT, the layer before its participant: `word - x`. */
const PREFIX = /^(?:(phones?|segments?)|(words?)|(utterances?))\s+-\s+(.*\S)$/i;
/** Names of MFA with one speaker, and of BAS. */
const WHOLE = /^(?:(phones?|phonemes?|segments?|mau|kan(?:-mau)?)|(words?|ort(?:-mau)?))$/i;
/** Names of this program and FAVE: the result has new tiers with the same names. */
const OURS = /^.*\S - (?:phone|word|trans)$/;
/** The share of a tier's labels that must fit the kind of the tier. */
const SHARE = 0.9;
/** A tier with another name is taken for phones if it has at least this many labels, which on average are at most this long. */
const MIN_LABELS = 5;
const MAX_PHONE_SEC = 0.25;
const MAX_PHONE_CHARS = 5;
/** And if at least this share of its labels can only be phones: in any language there are more consonants. */
const PHONE_ONLY_SHARE = 0.25;
const MAX_NAMED = 10;
/** More labels or tiers would only take time. */
const MAX_LABELS = 2_000;
const MAX_COMPARED = 20;

export interface SortedTranscript {
  /** Tiers that are aligned again are left out; those to align have the names of their speakers; phones and words are kept. */
  readonly content: Transcript;
  /** One of each code at most. */
  readonly warnings: readonly Warning[];
}

export interface TierRules {
  readonly phones: PhoneLabels;
  readonly isSilence: (label: string) => boolean;
}

interface Rules extends TierRules {
  /** A label as the programs for its format show it. */
  readonly shown: (label: string) => string;
}

/** Whether tiers may hold single phones or words, so that the phones of the language must be read. */
export function mayBeAligned({ tiers }: Transcript): boolean {
  return tiers.some((tier) => nameOf(tier) !== null || (tier.kind === 'interval' && isDense(tier)));
}

/**
 * Finds the tiers of a transcript that was aligned before, by their names and labels. Its speakers are aligned again: from
 * the transcription if there is one, otherwise from the words, joined at pauses. Tiers with names as in our results are
 * replaced by the new ones; others are kept unchanged.
 * @param file - the user's name of the transcript
 */
export function* sortTiers(content: Transcript, file: string, given: TierRules): InPieces<SortedTranscript> {
  const rules = { ...given, shown: (label: string) => shownLabel(content, label) };
  const groups = groupTiers(content.tiers, rules);
  const renamed = new Map<Tier, IntervalTier>();
  const replaced = new Set<Tier>();
  const keptBefore = new Set(content.tiers.filter((_, index) => content.keptTiers?.has(index)));
  const kept = new Set<Tier>();
  const others = content.tiers
    .filter((tier) => nameOf(tier) === null)
    .filter(hasText)
    .slice(0, MAX_COMPARED)
    .map((tier) => new TierTexts(tier));
  for (const group of groups.values()) {
    const source = yield* sourceOf(group, others);
    if (source === 'none') continue;
    for (const tier of source === 'words' ? group.word : source === 'trans' ? group.trans : []) {
      if (keptBefore.has(tier)) continue;
      const name = group.base === '' ? tier.name : group.base;
      renamed.set(tier, { ...(source === 'words' ? joinWords(tier, rules.isSilence) : tier), name });
    }
    for (const tier of [...group.phone, ...group.word, ...group.trans]) {
      if (renamed.has(tier)) continue;
      if (OURS.test(tier.name) && source !== 'phones' && source !== 'elsewhere') replaced.add(tier);
      else if (!keptBefore.has(tier)) kept.add(tier);
    }
  }
  for (const tier of content.tiers) {
    if (keptBefore.has(tier)) continue;
    if (nameOf(tier) === null && tier.kind === 'interval' && isDense(tier) && hasPhones(tier, rules))
      kept.add(tier);
  }
  const tiers = content.tiers.filter((tier) => !replaced.has(tier));
  const keptTiers = new Set(
    tiers.flatMap((tier, index) => (kept.has(tier) || keptBefore.has(tier) ? [index] : [])),
  );
  return {
    content: { ...content, tiers: tiers.map((tier) => renamed.get(tier) ?? tier), keptTiers },
    warnings: describe(file, renamed, replaced, kept),
  };
}

/** The tiers of one speaker. */
interface Group {
  readonly base: string;
  readonly phone: IntervalTier[];
  readonly word: IntervalTier[];
  readonly trans: IntervalTier[];
  /** Whether a tier with text has just the name of the speaker. */
  readonly hasPlain: boolean;
}

/** By speaker. Tiers with such a name and other labels are left out: they are speakers themselves. */
function groupTiers(tiers: readonly Tier[], rules: Rules): ReadonlyMap<string, Group> {
  const plain = new Set(tiers.filter(hasText).map(({ name }) => name.trim()));
  const groups = new Map<string, Group>();
  for (const tier of tiers) {
    const named = nameOf(tier);
    if (named === null || tier.kind === 'point') continue;
    const { base, role } = named;
    if (role === 'phone' && !isPhoneTier(tier, rules)) continue;
    if (role === 'word' && !isWordTier(tier, rules)) continue;
    if (role === 'trans' && !hasText(tier)) continue;
    const hasPlain = base !== '' && plain.has(base);
    const group = groups.get(base) ?? { base, phone: [], word: [], trans: [], hasPlain };
    groups.set(base, group);
    group[role].push(tier);
  }
  return groups;
}

type Source = 'plain' | 'elsewhere' | 'trans' | 'words' | 'phones' | 'none';

/**
 * What a speaker is aligned from. `plain`: the tier with just the speaker's name; `elsewhere`: a tier with another name and
 * the same words; `phones`: there is nothing to align; `none`: there was no alignment, since words without phones, or a text
 * alone, are a transcription like any other.
 */
function* sourceOf(group: Group, others: readonly TierTexts[]): InPieces<Source> {
  // A translation may be called `Anna - trans`, too: names alone prove no alignment.
  const isAligned = group.phone.length > 0 || (group.word.length > 0 && group.trans.length > 0);
  if (!isAligned) return 'none';
  if (group.hasPlain) return 'plain';
  if (group.trans.length > 0) return 'trans';
  if (group.word.length === 0) return 'phones';
  for (const word of group.word) {
    let isSaidElsewhere = false;
    for (const other of others) {
      isSaidElsewhere ||= other.hasWordsOf(word);
      yield;
    }
    if (!isSaidElsewhere) return 'words';
  }
  return 'elsewhere';
}

function nameOf({ name }: Tier): { readonly base: string; readonly role: Role } | null {
  const suffixed = SUFFIX.exec(name.trim());
  if (suffixed !== null) {
    const [, base = '', phone, word] = suffixed;
    return { base, role: phone === undefined ? (word === undefined ? 'trans' : 'word') : 'phone' };
  }
  const prefixed = PREFIX.exec(name.trim());
  if (prefixed !== null) {
    const [, phone, word, , base = ''] = prefixed;
    return { base, role: phone === undefined ? (word === undefined ? 'trans' : 'word') : 'phone' };
  }
  const whole = WHOLE.exec(name.trim());
  return whole === null ? null : { base: '', role: whole[1] === undefined ? 'word' : 'phone' };
}

function hasText(tier: Tier): tier is IntervalTier {
  return tier.kind === 'interval' && tier.intervals.some(({ text }) => text.trim() !== '');
}

function labelsOf(tier: IntervalTier, { shown }: Rules): string[] {
  const labelled = tier.intervals.filter(({ text }) => text.trim() !== '').slice(0, MAX_LABELS);
  return labelled.map(({ text }) => shown(text).trim());
}

function isMost(labels: readonly string[], is: (label: string) => boolean): boolean {
  return labels.filter(is).length >= SHARE * labels.length;
}

/** For a tier with a name for phones: its labels are phones, or like phones. It is empty for a speaker without speech. */
function isPhoneTier(tier: IntervalTier, rules: Rules): boolean {
  const labels = labelsOf(tier, rules);
  return (
    isMost(labels, rules.phones.isPhone) ||
    (isMost(labels, (label) => label.length <= MAX_PHONE_CHARS && !/\s/.test(label)) && isDense(tier)) ||
    /^kan/i.test(tier.name.trim())
  );
}

function isWordTier(tier: IntervalTier, rules: Rules): boolean {
  return isMost(labelsOf(tier, rules), (label) => !/\s/.test(label));
}

/** For a tier with any name: its labels are phones, and enough of them can be nothing else, such as words. */
function hasPhones(tier: IntervalTier, rules: Rules): boolean {
  const { phones } = rules;
  const labels = labelsOf(tier, rules);
  const phonesOrWords = labels.filter((label) => !phones.isPause(label));
  return (
    isMost(labels, phones.isPhone) &&
    phonesOrWords.filter(phones.isPhoneOnly).length >= PHONE_ONLY_SHARE * phonesOrWords.length
  );
}

/** Whether labels are as many and as short as phones are. */
function isDense(tier: IntervalTier): boolean {
  const labelled = tier.intervals.filter(({ text }) => text.trim() !== '');
  const lastSec = labelled.reduce((sum, { startSec, endSec }) => sum + endSec - startSec, 0);
  return labelled.length >= MIN_LABELS && lastSec / labelled.length <= MAX_PHONE_SEC;
}

function describe(
  file: string,
  renamed: ReadonlyMap<Tier, IntervalTier>,
  replaced: ReadonlySet<Tier>,
  kept: ReadonlySet<Tier>,
): Warning[] {
  const warnings: Warning[] = [];
  if (renamed.size + replaced.size > 0) {
    const parts = [
      renamed.size === 0 ? '' : `aligned again: ${naming(renamed.keys())}`,
      replaced.size === 0 ? '' : `replaced by the new result: ${naming(replaced)}`,
    ].filter((part) => part !== '');
    const text = `an earlier alignment; ${parts.join('; ')}`;
    warnings.push(findingAt('W_ALIGNED_BEFORE', { file }, text));
  }
  if (kept.size > 0) {
    const text = `phones or words of an earlier alignment, kept as they are: ${naming(kept)}`;
    warnings.push(findingAt('W_TIER_KEPT', { file }, text));
  }
  return warnings;
}

function naming(tiers: Iterable<Tier>): string {
  const all = [...tiers];
  const named = nameSome(all, MAX_NAMED, ({ name }) => JSON.stringify(name));
  return `${all.length === 1 ? 'tier' : 'tiers'} ${named}`;
}
