import { type Finding, formatFinding } from '../base/finding.ts';
import { limitText, storableJson } from '../base/storable-text.ts';
import { visibleLine } from '../base/visible-text.ts';

/** Lengths that the constraints in migrations/0001_tables.sql allow. */
const MAX_NOTE_CHARS = 10_000;
const MAX_MESSAGE_CHARS = 1_000_000;
const MAX_NAME_CHARS = 200;
/** How many warnings or faults a row may have: programs that list tasks may read whole rows. */
const MAX_FINDINGS = 1000;
/** The length of all warnings or faults of a row together, as JSON. */
const MAX_FINDINGS_CHARS = 2_000_000;
/** The longest text in lists of findings and of engines; longer ones are cut. */
const MAX_LISTED_CHARS = 2_000;

/** A note in the form that its row accepts: one line of visible characters, cut if it is too long. */
export function rowNote(text: string): string {
  return limitText(visibleLine(text), MAX_NOTE_CHARS);
}

/** A name, such as that of a language, in the form that its row accepts. */
export function rowName(text: string): string {
  return limitText(visibleLine(text), MAX_NAME_CHARS);
}

/** A note that is one of several in its row. */
export function listedNote(text: string): string {
  return limitText(visibleLine(text), MAX_LISTED_CHARS);
}

/** The message of an error in the form that its row accepts: one line for each fault. */
export function rowMessage(faults: readonly Finding[]): string {
  return limitText(faults.map(formatFinding).join('\n'), MAX_MESSAGE_CHARS);
}

/**
 * Faults or warnings as JSON. The names in their places stay unchanged, since programs compare them with the names of files
 * and tiers.
 * @param whole - tells where all of them are, if some do not fit: `README.txt has all`
 */
export function rowFindings(findings: readonly Finding[], whole: string): string {
  const kept: Finding[] = [];
  let leftChars = MAX_FINDINGS_CHARS;
  for (const [index, finding] of findings.entries()) {
    const one = { ...finding, text: listedNote(finding.text) };
    leftChars -= storableJson(one).length;
    if (leftChars < 0 || index === MAX_FINDINGS) {
      const text = `and ${findings.length - index} more: ${whole}`;
      return storableJson([...kept, { code: finding.code, text }]);
    }
    kept.push(one);
  }
  return storableJson(kept);
}
