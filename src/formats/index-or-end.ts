/** The index of `wanted` in a text, from `from` on; the length of the text if it is not found. */
export function indexOrEnd(text: string, wanted: string, from: number): number {
  const at = text.indexOf(wanted, from);
  return at < 0 ? text.length : at;
}
