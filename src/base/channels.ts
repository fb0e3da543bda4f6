import { TaskError } from './errors.ts';

/**
 * How the channels of a recording are used: `mix` mixes them to one, `split` makes each a speaker, and `split:Anna,Ben`
 * also names the speakers, from the first channel on.
 */
export type Channels = 'mix' | 'split' | `split:${string}`;

/** More tracks than field recorders write; the work of a recording grows with them. */
export const MAX_CHANNELS = 32;
/** The limit of the column `tasks.channels`. */
const MAX_LENGTH = 500;
const EXAMPLES = '"mix", "split" or, with names for the channels, "split:Anna,Ben"';

/**
 * @returns the choice in one form, so that equal choices give equal results: names trimmed, in composed Unicode
 * @throws TaskError E_CHANNELS_UNCLEAR
 */
export function parseChannels(text: string): Channels {
  const fault = findChannelsFault(text);
  if (fault !== null) throw new TaskError('E_CHANNELS_UNCLEAR', fault);
  const { mode, names } = readChannels(text);
  if (mode === 'mix') return 'mix';
  return names === null ? 'split' : `split:${names.join(',')}`;
}

/** What is wrong with a text for `parseChannels`; null: nothing. */
export function findChannelsFault(text: string): string | null {
  const found = (what: string): string => `expected ${EXAMPLES}, found ${what}`;
  if (text.length > MAX_LENGTH)
    return found(`${text.length} characters; shorten the names to ${MAX_LENGTH} together`);
  const { mode, names } = readChannels(text);
  if ((mode !== 'mix' && mode !== 'split') || (mode === 'mix' && names !== null))
    return found(JSON.stringify(text));
  if (names === null) return null;
  if (names.some((name) => name === '')) return found(`an empty name in ${JSON.stringify(text)}; name it`);
  if (names.some((name) => /\p{Cc}/u.test(name)))
    return found(`a control character in ${JSON.stringify(text)}; remove it`);
  if (names.length > MAX_CHANNELS) return found(`${names.length} names; give at most ${MAX_CHANNELS}`);
  const keys = names.map(nameKey);
  const twice = names.find((_, index) => keys.indexOf(keys[index] ?? '') !== index);
  return twice === undefined ? null : found(`the name ${JSON.stringify(twice)} twice; give each its own`);
}

/** The names that the user gave to channels, from the first one on; null: channels are mixed. */
export function channelNamesOf(channels: Channels): readonly string[] | null {
  const { mode, names } = readChannels(channels);
  return mode === 'mix' ? null : (names ?? []);
}

/** Names that people take for the same have the same key: capitals, blanks and forms of Unicode do not count. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase().normalize('NFC');
}

function readChannels(text: string): { readonly mode: string; readonly names: readonly string[] | null } {
  const at = text.indexOf(':');
  const mode = (at < 0 ? text : text.slice(0, at)).trim().toLowerCase();
  if (at < 0) return { mode, names: null };
  const names = text.slice(at + 1).split(',');
  return { mode, names: names.map((name) => name.trim().normalize('NFC')) };
}
