import { boundaryAt, endOf, indexAt, SHORTEST_SEC, startOf, type Tier } from './tier.ts';

export interface Labels {
  readonly label: string;
  readonly ipa: string | undefined;
}

/** A boundary that divides one interval into two. */
export interface Cut {
  readonly tier: number;
  /** Label of the interval, and of its left part. */
  readonly index: number;
  readonly sec: number;
  readonly whole: Labels;
  readonly parts: readonly [Labels, Labels];
}

/**
 * Boundaries that are inserted or removed. Those of one tier are ordered so that each index is valid after the cuts
 * before it.
 */
export interface CutsEdit {
  readonly kind: 'cuts';
  readonly isInsert: boolean;
  readonly cuts: readonly Cut[];
}

const EMPTY: Labels = { label: '', ipa: undefined };

/**
 * Inserts boundaries into a tier. If a word is divided, the phone at this time is divided, too, since a word begins
 * where a phone begins. The left part keeps the label.
 * @param isAlone - no other tier is divided
 * @returns null when there is a boundary already, or a part would be too short
 */
export function insertBoundaries(
  tiers: readonly Tier[],
  tier: number,
  secs: readonly number[],
  isAlone: boolean,
): CutsEdit | null {
  const cuts: Cut[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (const given of secs.toSorted((a, b) => b - a)) {
    const group = groupOf(tiers, tier, isAlone);
    const sec = snap(tiers, group, given);
    if (next - sec < SHORTEST_SEC) continue;
    const own = cutAt(tiers, tier, sec);
    if (own === null) continue;
    next = sec;
    const others = tiers[tier]?.role === 'words' ? group.filter((at) => at !== tier) : [];
    const phones = others.flatMap((at) => cutAt(tiers, at, sec) ?? []);
    // A boundary in silence would have no meaning.
    cuts.push(own, ...phones.filter(({ whole }) => whole.label.trim() !== ''));
  }
  return cuts.length === 0 ? null : { kind: 'cuts', isInsert: true, cuts };
}

/**
 * Removes a boundary, and those of the same speaker's words and phones at the same time. The labels beside it are
 * joined with a blank.
 * @param index - of the interval that ends at the boundary
 * @param isAlone - the others stay
 * @returns null when there is no such boundary
 */
export function removeBoundary(
  tiers: readonly Tier[],
  tier: number,
  index: number,
  isAlone: boolean,
): CutsEdit | null {
  const own = tiers[tier];
  if (own === undefined || own.isPoints || index < 0 || index + 1 >= own.starts.length) return null;
  const here = endOf(own, index);
  const cuts = groupOf(tiers, tier, isAlone).flatMap((at) => {
    const other = tiers[at];
    const found = at === tier ? index : other === undefined ? null : boundaryAt(other, here);
    if (other === undefined || found === null) return [];
    const parts = [labelsOf(other, found), labelsOf(other, found + 1)] as const;
    return [{ tier: at, index: found, sec: endOf(other, found), whole: joined(...parts), parts }];
  });
  return { kind: 'cuts', isInsert: false, cuts };
}

/** Whether the tiers are as they were before the change. */
export function cutsFit(tiers: readonly Tier[], { isInsert, cuts }: CutsEdit): boolean {
  return cuts.every(({ tier: at, index, sec, whole, parts }) => {
    const tier = tiers[at];
    if (tier === undefined) return false;
    if (isInsert)
      return tier.labels[index] === whole.label && startOf(tier, index) < sec && endOf(tier, index) > sec;
    return (
      endOf(tier, index) === sec &&
      parts.every(({ label }, part) => tier.labels[index + part] === label) &&
      index + 1 < tier.starts.length
    );
  });
}

/** @param isDivided - whether the boundaries exist afterwards */
export function applyCuts(tiers: readonly Tier[], cuts: readonly Cut[], isDivided: boolean): void {
  for (const cut of isDivided ? cuts : cuts.toReversed()) {
    const tier = tiers[cut.tier];
    if (tier === undefined) continue;
    const { index, sec, whole, parts } = cut;
    const [count, labels] = isDivided ? [1, parts] : [2, [whole]];
    const start = startOf(tier, index);
    const end = endOf(tier, index + count - 1);
    tier.starts = spliced(tier.starts, index, count, isDivided ? [start, sec] : [start]);
    tier.ends = spliced(tier.ends, index, count, isDivided ? [sec, end] : [end]);
    tier.labels.splice(index, count, ...labels.map(({ label }) => label));
    tier.ipa.splice(index, count, ...labels.map(({ ipa }) => ipa));
  }
}

/** The tiers that are changed together: words and phones of one speaker. */
function groupOf(tiers: readonly Tier[], tier: number, isAlone: boolean): number[] {
  const own = tiers[tier];
  const isJoint = ({ role }: Tier): boolean => role === 'words' || role === 'phones';
  if (own === undefined || isAlone || !isJoint(own)) return [tier];
  return [...tiers.keys()].filter((at) => {
    const other = tiers[at];
    return other !== undefined && isJoint(other) && !other.isPoints && other.speaker === own.speaker;
  });
}

/** The time of a boundary of these tiers that is too near to another one; otherwise the given time. */
function snap(tiers: readonly Tier[], group: readonly number[], sec: number): number {
  for (const at of group) {
    const tier = tiers[at];
    if (tier === undefined) continue;
    const index = indexAt(tier, sec);
    const near = [startOf(tier, index), endOf(tier, index)].find(
      (time) => Math.abs(time - sec) < SHORTEST_SEC,
    );
    if (near !== undefined) return near;
  }
  return Math.round(sec * 1e6) / 1e6;
}

function cutAt(tiers: readonly Tier[], at: number, sec: number): Cut | null {
  const tier = tiers[at];
  if (tier === undefined || tier.isPoints) return null;
  const index = indexAt(tier, sec);
  if (index >= tier.starts.length) return null;
  if (sec - startOf(tier, index) < SHORTEST_SEC || endOf(tier, index) - sec < SHORTEST_SEC) return null;
  const whole = labelsOf(tier, index);
  return { tier: at, index, sec, whole, parts: [whole, EMPTY] };
}

function labelsOf(tier: Tier, index: number): Labels {
  return { label: tier.labels[index] ?? '', ipa: tier.ipa[index] };
}

function joined(left: Labels, right: Labels): Labels {
  const join = (...texts: readonly string[]): string => texts.filter((text) => text.trim() !== '').join(' ');
  const label = join(left.label, right.label);
  if (left.ipa === undefined && right.ipa === undefined) return { label, ipa: undefined };
  return { label, ipa: join(left.ipa ?? left.label, right.ipa ?? right.label) };
}

function spliced(values: Float64Array, at: number, count: number, added: readonly number[]): Float64Array {
  const made = new Float64Array(values.length - count + added.length);
  made.set(values.subarray(0, at));
  made.set(added, at);
  made.set(values.subarray(at + count), at + added.length);
  return made;
}
