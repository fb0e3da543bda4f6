/** Tier types of a result. Tiers of words and phones depend on others; free tiers depend on none. */
export const TYPES = { words: 'aligned words', phones: 'aligned phones', free: 'aligned tiers' } as const;

/** Whether a tier has aligned words or phones of an earlier result, and so is not a transcript. */
export function isOfResult({ type }: { readonly type: string }): boolean {
  return type.startsWith(TYPES.words) || type.startsWith(TYPES.phones);
}
