import { type MalformedLines, quoteFound } from '../malformed.ts';
import { linesOf } from '../tiers.ts';
import type { EafDocument } from './document.ts';

/** Which tiers depend on which. Tiers are given by their numbers. */
export interface Hierarchy {
  /** All tiers, each after the tier on which it depends. Tiers in a circle are left out. */
  readonly parentsFirst: readonly number[];
  /** The tiers that depend on no other. */
  readonly roots: readonly number[];
  /** The tiers that depend directly on a tier. */
  readonly childrenOf: (tier: number) => readonly number[];
}

/**
 * Finds which tier depends on which.
 * @param faults - gets repeated names, missing parents, and tiers that depend on themselves
 */
export function findHierarchy({ tiers }: EafDocument, faults: MalformedLines): Hierarchy {
  const numbers = new Map<string, number>();
  for (const [number, tier] of tiers.entries()) {
    if (numbers.has(tier.name))
      faults.add(
        linesOf(tier),
        `expected each TIER_ID once, found ${quoteFound(tier.name)} twice; rename one of the two tiers`,
      );
    else numbers.set(tier.name, number);
  }
  const roots: number[] = [];
  const children = new Map<number, number[]>();
  for (const [number, tier] of tiers.entries()) {
    const parent = tier.parent === null ? undefined : numbers.get(tier.parent);
    if (parent !== undefined) {
      const siblings = children.get(parent) ?? [];
      children.set(parent, siblings);
      siblings.push(number);
      continue;
    }
    if (tier.parent !== null) {
      const text = `expected the tier ${quoteFound(tier.parent)}, on which this one depends, found none; add it, or take PARENT_REF out`;
      faults.add(linesOf(tier), text);
    }
    roots.push(number);
  }
  const childrenOf = (tier: number) => children.get(tier) ?? [];
  const parentsFirst = [...roots];
  for (let at = 0; at < parentsFirst.length; at++) {
    for (const child of childrenOf(parentsFirst[at] ?? -1)) parentsFirst.push(child);
  }
  const reached = new Set(parentsFirst);
  for (const [number, tier] of tiers.entries()) {
    if (!reached.has(number))
      faults.add(
        linesOf(tier),
        'expected a tier that does not depend on itself, found PARENT_REF that leads back to it; correct it',
      );
  }
  return { parentsFirst, roots, childrenOf };
}
