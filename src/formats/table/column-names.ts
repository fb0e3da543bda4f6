import { splitUnit, type TimeUnit } from './times.ts';

/** The roles of columns. */
export type HeaderRole =
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

/** What the name of a column says. */
export interface Header {
  readonly role: HeaderRole;
  /** Index in `NAMES[role]`: a name with a lower rank is preferred. */
  readonly rank: number;
  /** Without its unit, in small letters and with blanks between words. */
  readonly name: string;
  /** The unit, if the column has times; otherwise `plain`. */
  readonly unit: TimeUnit;
}

/**
 * Names of columns, in small letters and with blanks between words. If a table has several, one of an earlier list is
 * used; two of one list are not clear.
 */
const NAMES: Readonly<Record<HeaderRole, readonly (readonly string[])[]>> = {
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
export const HEADER_ROLES = Object.keys(NAMES) as readonly HeaderRole[];
const BY_NAME: ReadonlyMap<string, { readonly role: HeaderRole; readonly rank: number }> = new Map(
  HEADER_ROLES.flatMap((role) =>
    NAMES[role].flatMap((names, rank) => names.map((name) => [name, { role, rank }] as const)),
  ),
);
/** Names that mean times only as a pair. One of them alone may be anything, such as a word in a table of words. */
const IN_AND_OUT: ReadonlyMap<string, Pick<Header, 'role' | 'rank'>> = new Map(
  ['', 'time ', 'timecode ', 'tc '].flatMap((prefix): [string, Pick<Header, 'role' | 'rank'>][] => [
    [`${prefix}in`, { role: 'begin', rank: 1 }],
    [`${prefix}out`, { role: 'end', rank: 2 }],
  ]),
);
const HAS_UNIT: ReadonlySet<HeaderRole> = new Set<HeaderRole>(['begin', 'end', 'duration']);
const MAX_HEADER_CHARS = 100;

/** Reads the name of a column. @returns null: the name is not known */
export function readHeader(header: string, known = BY_NAME): Header | null {
  const words = header
    .slice(0, MAX_HEADER_CHARS)
    .trim()
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  for (const { name, unit } of [splitUnit(words), { name: words, unit: 'plain' as const }]) {
    const plain = name.replaceAll(/[\s_-]+/g, ' ').trim();
    const found = known.get(plain);
    if (found !== undefined && (unit === 'plain' || HAS_UNIT.has(found.role)))
      return { ...found, name: plain, unit };
  }
  return null;
}

/**
 * Reads the names in a first row, in its order; null: not known. The meaning of some depends on others: `In` needs
 * `Out`, and `Transcript` beside `Text` is the name of the file, as in exports of LaBB-CAT.
 */
export function readHeaders(cells: readonly string[]): (Header | null)[] {
  const headers = cells.map((cell) => readHeader(cell));
  const has = (role: HeaderRole, name?: string) =>
    headers.some((one) => one?.role === role && (name === undefined || one.name === name));
  const isFile = !has('file') && has('text', 'text');
  const paired = cells.map((cell) => readHeader(cell, IN_AND_OUT));
  const isPair = ['begin', 'end'].every((role) => paired.some((one) => one?.role === role));
  return headers.map((one, index) => {
    if (one === null) return isPair ? (paired[index] ?? null) : null;
    return isFile && one.name === 'transcript' ? { ...one, role: 'file' } : one;
  });
}
