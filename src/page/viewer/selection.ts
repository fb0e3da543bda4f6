import { endOf, indexAt, labelOf, startOf, type Tier } from './tier.ts';

/** The selection: a stretch of time, and the interval that has these times, if there is one. */
export interface Selection {
  readonly from: number;
  readonly to: number;
  readonly tier: number | null;
  readonly index: number | null;
}

/** Only a place: the cursor. */
export function cursorAt(sec: number, tier: number | null = null): Selection {
  return { from: sec, to: sec, tier, index: null };
}

export function selectInterval(tiers: readonly Tier[], tier: number, index: number): Selection | null {
  const found = tiers[tier];
  if (found === undefined || index < 0 || index >= found.starts.length) return null;
  return { from: startOf(found, index), to: endOf(found, index), tier, index };
}

export function selectAt(tiers: readonly Tier[], tier: number, sec: number): Selection | null {
  const found = tiers[tier];
  if (found === undefined) return null;
  const index = Math.min(indexAt(found, sec), found.starts.length - 1);
  return selectInterval(tiers, tier, index);
}

/** The same stretch, extended to a time. On a tier: by whole intervals. */
export function extendTo(tiers: readonly Tier[], selection: Selection, sec: number): Selection {
  const { tier } = selection;
  const other = tier === null ? null : selectAt(tiers, tier, sec);
  const from = Math.min(selection.from, other?.from ?? sec);
  const to = Math.max(selection.to, other?.to ?? sec);
  return { from, to, tier, index: null };
}

/** The next interval of a tier that has a label, or the one before. @param step - 1 or -1 */
export function nextInterval(tiers: readonly Tier[], selection: Selection, step: 1 | -1): Selection | null {
  const at = selection.tier ?? tiers.findIndex(({ role }) => role === 'words');
  const tier = tiers[at];
  if (tier === undefined) return null;
  const here = selection.index ?? indexAt(tier, selection.from) - (step === 1 ? 1 : 0);
  for (let index = here + step; index >= 0 && index < tier.labels.length; index += step)
    if ((tier.labels[index] ?? '').trim() !== '') return selectInterval(tiers, at, index);
  return null;
}

/**
 * The interval of another tier at the same time.
 * @param step - 1: the tier below
 */
export function otherTier(tiers: readonly Tier[], selection: Selection, step: 1 | -1): Selection | null {
  const here = selection.tier ?? (step === 1 ? -1 : tiers.length);
  const tier = here + step;
  return selectAt(tiers, tier, selection.from);
}

/** The text for a screen reader. */
export function describeSelection(tiers: readonly Tier[], selection: Selection, isIpa: boolean): string {
  const { from, to, tier: at, index } = selection;
  const times = `${from.toFixed(3)} to ${to.toFixed(3)} s, ${Math.round((to - from) * 1000)} ms`;
  const tier = at === null ? undefined : tiers[at];
  if (tier === undefined || index === null)
    return to > from ? `Selected ${times}` : `Cursor at ${from.toFixed(3)} s`;
  const label = labelOf(tier, index, isIpa).trim();
  return `${label === '' ? 'Empty' : label}: ${tier.name}, ${index + 1} of ${tier.labels.length}, ${times}`;
}
