import path from 'node:path';
import { nameSome } from '../base/name-some.ts';
import { limitText } from '../base/storable-text.ts';
import { visibleLine } from '../base/visible-text.ts';

const MAX_NAMED = 3;
/** The limit of the constraint on the row. */
const MAX_CHARS = 200;

/**
 * The name of a task whose user gave it none: its first recordings.
 * @param recordings - their names, with folders
 */
export function nameOfRecordings(recordings: readonly string[]): string {
  return storableName(nameSome(recordings, MAX_NAMED, (name) => path.basename(name)));
}

/** A name as its row may have it: one line of visible characters. */
export function storableName(name: string): string {
  return limitText(visibleLine(name), MAX_CHARS);
}
