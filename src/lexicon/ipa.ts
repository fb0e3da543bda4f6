/**
 * A phone label in IPA. The label must match as it is, case and all: Spanish `r` and `R` are two sounds.
 * A label that the language does not list stays.
 */
export function toIpa(label: string, ipa: ReadonlyMap<string, string>): string {
  return ipa.get(label) ?? label;
}
