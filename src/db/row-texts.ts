import type { Warning } from '../base/errors.ts';
import { limitText, storableJson } from '../base/storable-text.ts';
import { visibleLine } from '../base/visible-text.ts';

/** They keep to the constraints on the length of texts, see migrations/0001_tables.sql. */
const MAX_NOTE_CHARS = 10_000;
const MAX_MESSAGE_CHARS = 1_000_000;
const MAX_NAME_CHARS = 200;
/** Of all warnings of a task together. What does not fit is in the result. */
const MAX_WARNINGS_CHARS = 2_000_000;
/** Lists of warnings and of engines have room for so much of each text. */
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

/** A message as its row may have it: one line for each fault. */
export function rowMessage(text: string): string {
  return limitText(text.split('\n').map(visibleLine).join('\n'), MAX_MESSAGE_CHARS);
}

/** Warnings as JSON. Names in them stay as they are: programs compare them with the names of files and tiers. */
export function rowWarnings(warnings: readonly Warning[]): string {
  const kept: Warning[] = [];
  let leftChars = MAX_WARNINGS_CHARS;
  for (const [index, warning] of warnings.entries()) {
    const one = { ...warning, message: listedNote(warning.message) };
    leftChars -= storableJson(one).length;
    if (leftChars < 0) {
      const message = `and ${warnings.length - index} more warnings: README.txt and manifest.json in the result have all`;
      return storableJson([...kept, { code: warning.code, message }]);
    }
    kept.push(one);
  }
  return storableJson(kept);
}
