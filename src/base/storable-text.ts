import { showCharacter } from './visible-text.ts';

/** What Postgres cannot store in text or jsonb: NUL, and halves of characters. */
const UNSTORABLE = /\0|\p{Surrogate}/gu;
const NUL = '\0';

/** Text as the database can store it: other characters are written as escapes, such as `\x00`. */
export function storableText(text: string): string {
  // Nearly all texts can be stored as they are, and this check is cheap.
  return text.isWellFormed() && !text.includes(NUL) ? text : text.replace(UNSTORABLE, showCharacter);
}

/**
 * Cuts a text to a number of characters, and says how many are missing. No character is cut in halves.
 * @param droppedChars - characters that were after the text and are gone already
 */
export function limitText(text: string, maxChars: number, droppedChars = 0): string {
  if (text.length <= maxChars && droppedChars === 0) return text;
  const note = (kept: number) => `... (${text.length + droppedChars - kept} more characters)`;
  const keptChars = Math.max(0, maxChars - note(0).length);
  const kept = text.slice(0, endsInPair(text, keptChars) ? keptChars - 1 : keptChars);
  return kept + note(kept.length);
}

/** A value as JSON that jsonb takes; names of fields are made storable, too. */
export function storableJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, (_, one: unknown) => toStorable(one), indent);
}

function toStorable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [storableText(name), one]));
}

function endsInPair(text: string, at: number): boolean {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff;
}
