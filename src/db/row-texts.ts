import { type Finding, formatFinding } from '../base/finding.ts';
import { limitText, storableJson } from '../base/storable-text.ts';
import { visibleLine } from '../base/visible-text.ts';

/** They keep to the constraints on the length of texts, see migrations/0001_tables.sql. */
const MAX_NOTE_CHARS = 10_000;
const MAX_MESSAGE_CHARS = 1_000_000;
const MAX_NAME_CHARS = 200;
/** Of a task's warnings, or of its faults: a row is read as a whole by every program that lists tasks. */
const MAX_FINDINGS = 1000;
/** The limit of all of them together. */
const MAX_FINDINGS_CHARS = 2_000_000;
/** The longest text in lists of findings and of engines; longer ones are cut. */
const MAX_LISTED_CHARS = 2_000;

/** A note as its row may have it: one line of visible characters. */
export function rowNote(text: string): string {
  return limitText(visibleLine(text), MAX_NOTE_CHARS);
}

/** The same for a name, such as that of a language. */
export function rowName(text: string): string {
  return limitText(visibleLine(text), MAX_NAME_CHARS);
}

/** A note that is one of several in its row. */
export function listedNote(text: string): string {
  return limitText(visibleLine(text), MAX_LISTED_CHARS);
}

/** The message of an error as its row may have it: one line for each fault. */
export function rowMessage(faults: readonly Finding[]): string {
  return limitText(faults.map(formatFinding).join('\n'), MAX_MESSAGE_CHARS);
}

/**
 * Faults or warnings as JSON. Names in them stay as they are: programs compare them with the names of files and tiers.
 * @param whole - where the reader finds those that do not fit: `README.txt has all`
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
