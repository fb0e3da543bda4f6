import { applyCuts, type CutsEdit, cutsFit, type Labels } from './cuts.ts';
import { boundaryAt, endOf, SHORTEST_SEC, startOf, type Tier } from './tier.ts';

/** A change that can be undone. */
export type Edit =
  | CutsEdit
  | { readonly kind: 'boundaries'; readonly moves: readonly BoundaryMove[] }
  | {
      readonly kind: 'label';
      readonly tier: number;
      readonly index: number;
      readonly before: Labels;
      readonly after: Labels;
    };

/** The boundary between an interval and the one after it. */
export interface BoundaryMove {
  readonly tier: number;
  readonly index: number;
  readonly before: number;
  readonly after: number;
}

/** The changes, in order; `undone` has those that were undone. */
export class Edits {
  readonly #tiers: readonly Tier[];
  readonly #done: Edit[] = [];
  readonly #undone: Edit[] = [];

  constructor(tiers: readonly Tier[]) {
    this.#tiers = tiers;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** The changes, for `restore`. */
  toJSON(): readonly Edit[] {
    return this.#done;
  }

  /** Repeats earlier changes on the same tiers, as far as they still fit. */
  restore(edits: readonly Edit[]): void {
    for (const edit of edits) {
      if (!fits(this.#tiers, edit)) return;
      this.do(edit);
    }
  }

  do(edit: Edit): void {
    apply(this.#tiers, edit, 'after');
    this.#done.push(edit);
    this.#undone.length = 0;
  }

  undo(): Edit | undefined {
    const edit = this.#done.pop();
    if (edit === undefined) return undefined;
    apply(this.#tiers, edit, 'before');
    this.#undone.push(edit);
    return edit;
  }

  redo(): Edit | undefined {
    const edit = this.#undone.pop();
    if (edit === undefined) return undefined;
    apply(this.#tiers, edit, 'after');
    this.#done.push(edit);
    return edit;
  }
}

/**
 * Moves a boundary, and with it those of the same speaker's other tiers that are at the same time.
 * @param index - of the interval that ends at the boundary
 * @param isAlone - the others stay
 * @returns null when there is no such boundary, or it is already at this time
 */
export function moveBoundary(
  tiers: readonly Tier[],
  tier: number,
  index: number,
  sec: number,
  isAlone: boolean,
): Edit | null {
  const moved = tiers[tier];
  if (moved === undefined || moved.isPoints || index < 0 || index + 1 >= moved.starts.length) return null;
  const here = endOf(moved, index);
  const together: BoundaryMove[] = [];
  for (const [at, other] of tiers.entries()) {
    if (
      at !== tier &&
      (isAlone || other.speaker !== moved.speaker || other.role === 'other' || moved.role === 'other')
    )
      continue;
    const found = at === tier ? index : boundaryAt(other, here);
    if (found !== null) together.push({ tier: at, index: found, before: endOf(other, found), after: sec });
  }
  const [least, most] = [
    Math.max(...together.map((one) => startOf(tiers[one.tier] ?? moved, one.index) + SHORTEST_SEC)),
    Math.min(...together.map((one) => endOf(tiers[one.tier] ?? moved, one.index + 1) - SHORTEST_SEC)),
  ];
  const after = Math.round(Math.min(most, Math.max(least, sec)) * 1e6) / 1e6;
  if (after === here || least > most) return null;
  return { kind: 'boundaries', moves: together.map((one) => ({ ...one, after })) };
}

/**
 * @param isIpa - true: the label in IPA is written; false: that of the alphabet, and the label in IPA becomes the same
 */
export function writeLabel(
  tiers: readonly Tier[],
  tier: number,
  index: number,
  text: string,
  isIpa: boolean,
): Edit | null {
  const written = tiers[tier];
  const label = written?.labels[index];
  if (written === undefined || label === undefined) return null;
  const before = { label, ipa: written.ipa[index] };
  if (text === (isIpa ? (before.ipa ?? label) : label)) return null;
  const after = isIpa && before.ipa !== undefined ? { label, ipa: text } : { label: text, ipa: undefined };
  return { kind: 'label', tier, index, before, after };
}

/** Whether the tiers are as they were before the change. */
function fits(tiers: readonly Tier[], edit: Edit): boolean {
  if (edit.kind === 'cuts') return cutsFit(tiers, edit);
  if (edit.kind === 'label') return tiers[edit.tier]?.labels[edit.index] === edit.before.label;
  return edit.moves.every(({ tier, index, before }) => tiers[tier]?.ends[index] === before);
}

function apply(tiers: readonly Tier[], edit: Edit, side: 'before' | 'after'): void {
  if (edit.kind === 'cuts') {
    applyCuts(tiers, edit.cuts, edit.isInsert === (side === 'after'));
    return;
  }
  if (edit.kind === 'label') {
    const tier = tiers[edit.tier];
    if (tier === undefined) return;
    tier.labels[edit.index] = edit[side].label;
    tier.ipa[edit.index] = edit[side].ipa;
    return;
  }
  for (const move of edit.moves) {
    const tier = tiers[move.tier];
    if (tier === undefined) continue;
    tier.ends[move.index] = move[side];
    tier.starts[move.index + 1] = move[side];
  }
}
