import { showCharacter } from './visible-text.ts';

/** What Postgres cannot store in text or jsonb: NUL, and halves of characters. */
const UNSTORABLE = /\0|\p{Surrogate}/gu;

/** Text as a database can store it: what cannot be stored is written as programmers do, `\x00`. */
export function storableText(text: string): string {
  return text.replace(UNSTORABLE, showCharacter);
}

/** Text of at most so many characters; where it was longer it says by how much. */
export function limitText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const note = (kept: number) => `... (${text.length - kept} more characters)`;
  const kept = maxChars - note(0).length;
  return text.slice(0, kept) + note(kept);
}

/** A value as JSON text that jsonb takes. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => (typeof one === 'string' ? storableText(one) : one));
}
