import { splitUnit, type TimeUnit } from './times.ts';

/** The roles of columns. */
export type Role =
  | 'file'
  | 'tier'
  | 'speaker'
  | 'kind'
  | 'begin'
  | 'end'
  | 'duration'
  | 'text'
  | 'phone'
  | 'word'
  | 'wordNumber';

/** The role in the name of a column. */
export interface Header {
  readonly role: Role;
  /** Line of `NAMES`. */
  readonly rank: number;
  /** Without its unit, in small letters and with blanks between words. */
  readonly name: string;
  /** Of times. */
  readonly unit: TimeUnit;
}

/**
 * Names of columns, in small letters and with blanks between words. Of several names in one table those of an earlier
 * line count; two of one line are unclear.
 */
const NAMES: Readonly<Record<Role, readonly (readonly string[])[]>> = {
  file: [
    [
      'file',
      'filename',
      'file name',
      'recording',
      'recording name',
      'audio',
      'audio file',
      'audiofile',
      'audio filename',
      'audio file name',
      'audio name',
      'sound',
      'sound file',
      'soundfile',
      'wav',
      'wav file',
      'wavfile',
      'wav filename',
      'media',
      'media file',
    ],
    ['path', 'file path', 'filepath', 'audio path', 'wav path'],
  ],
  tier: [['tier', 'tier name', 'tiername', 'tier id']],
  speaker: [['speaker', 'speaker id', 'speaker name', 'participant', 'participant id']],
  kind: [['type']],
  begin: [['begin', 'begin time', 'start', 'start time', 'starttime', 'onset', 'tmin', 'xmin', 'from']],
  end: [['end', 'end time', 'endtime', 'stop', 'stop time', 'tmax', 'xmax', 'to'], ['offset']],
  duration: [['duration', 'dur']],
  text: [
    [
      'text',
      'transcription',
      'transcript',
      'annotation',
      'annotation value',
      'utterance',
      'sentence',
      'label',
      'orthography',
      'content',
    ],
    ['words'],
  ],
  phone: [['phone']],
  word: [['word']],
  wordNumber: [['word number']],
};
/** In the order in which columns are looked for. */
export const ROLES = Object.keys(NAMES) as readonly Role[];
const BY_NAME: ReadonlyMap<string, { readonly role: Role; readonly rank: number }> = new Map(
  ROLES.flatMap((role) =>
    NAMES[role].flatMap((names, rank) => names.map((name) => [name, { role, rank }] as const)),
  ),
);
const HAS_UNIT: ReadonlySet<Role> = new Set<Role>(['begin', 'end', 'duration']);
const MAX_HEADER_CHARS = 100;

/** @returns null: the name is not known */
export function readHeader(header: string): Header | null {
  const words = header
    .slice(0, MAX_HEADER_CHARS)
    .trim()
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  for (const { name, unit } of [splitUnit(words), { name: words, unit: 'plain' as const }]) {
    const plain = name.replaceAll(/[\s_-]+/g, ' ').trim();
    const found = BY_NAME.get(plain);
    if (found !== undefined && (unit === 'plain' || HAS_UNIT.has(found.role)))
      return { ...found, name: plain, unit };
  }
  return null;
}
