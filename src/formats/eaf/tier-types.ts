/** Types of the tiers of a result: those that depend on others, and those that depend on none. */
export const TYPES = { words: 'aligned words', phones: 'aligned phones', free: 'aligned tiers' } as const;

/** Whether a tier was made for a result: it is no transcription. */
export function isOfResult({ type }: { readonly type: string }): boolean {
  return type.startsWith(TYPES.words) || type.startsWith(TYPES.phones);
}
