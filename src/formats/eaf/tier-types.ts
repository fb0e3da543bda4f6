/** The tier types of a result. `words` and `phones` depend on another tier; `free` tiers depend on none. */
export const TYPES = { words: 'aligned words', phones: 'aligned phones', free: 'aligned tiers' } as const;

/** Whether a tier has aligned words or phones of an earlier result, and so is no transcript. */
export function isOfResult({ type }: { readonly type: string }): boolean {
  return type.startsWith(TYPES.words) || type.startsWith(TYPES.phones);
}
