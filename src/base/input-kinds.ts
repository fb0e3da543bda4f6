/**
 * ffmpeg's readers for files that hold audio and lead to no others, each with the extensions of its files. What is in
 * this list is taken for a recording, and ffmpeg is allowed to read it.
 */
const READERS = {
  wav: ['wav', 'wave', 'bwf', 'rf64'],
  w64: ['w64'],
  mp3: ['mp3', 'mp2', 'mpga'],
  flac: ['flac'],
  ogg: ['ogg', 'oga', 'ogv', 'opus', 'spx'],
  mov: ['m4a', 'm4b', 'm4r', 'alac', 'mp4', 'm4v', 'mov', 'qt', '3gp', '3g2'],
  aac: ['aac', 'adts'],
  ac3: ['ac3'],
  eac3: ['eac3', 'ec3'],
  asf: ['wma', 'asf', 'wmv'],
  aiff: ['aif', 'aiff', 'aifc'],
  caf: ['caf'],
  au: ['au', 'snd'],
  nistsphere: ['sph', 'nist'],
  amr: ['amr'],
  matroska: ['mka', 'mkv', 'webm'],
  avi: ['avi'],
  mpeg: ['mpg', 'mpeg', 'vob'],
  mpegts: ['mts', 'm2ts'],
} as const;

/** Extensions whose files mostly hold pictures, too. */
const FILMS = [
  ...['ogv', 'mp4', 'm4v', 'mov', 'qt', '3gp', '3g2', 'asf', 'wmv'],
  ...['mkv', 'webm', 'avi', 'mpg', 'mpeg', 'vob', 'mts', 'm2ts'],
] as const satisfies readonly (typeof READERS)[keyof typeof READERS][number][];

/** Spreadsheets that people put beside recordings. They are refused, with the fix. */
const REFUSED = ['xls', 'xlsm', 'xlsb', 'ods'] as const;

/** Formats of transcripts, each with the extensions of its files as people write them. `formats/` has their readers. */
const TRANSCRIPTS = {
  TextGrid: ['TextGrid'],
  EAF: ['eaf'],
  Text: ['txt', 'lab'],
  Subtitles: ['srt', 'vtt'],
  Transcriber: ['trs'],
  CHAT: ['cha'],
  Table: ['csv', 'tsv'],
  JSON: ['json'],
  Spreadsheet: ['xlsx', ...REFUSED],
} as const;

/** Extensions of transcripts that other files have, too: notes, lists, tables of any kind. Lower case. */
const OFTEN_OTHER: ReadonlySet<string> = new Set(['txt', 'csv', 'tsv', 'xlsx', 'json', ...REFUSED]);

/** As people write it, without the dot. */
const DICTIONARY = 'dict';

/** What a file is for a task. A dictionary has pronunciations for this task alone. */
export type InputKind = 'audio' | 'transcript' | 'dictionary';

export type TranscriptFormatName = keyof typeof TRANSCRIPTS;

/** For ffmpeg's `-format_whitelist`. */
export const FFMPEG_READERS = Object.keys(READERS).join(',');

/** As people write them, without the dot. */
export const TRANSCRIPT_EXTENSIONS: readonly string[] = Object.values(TRANSCRIPTS).flat();

/** Lower case, without the dot. */
export const AUDIO_EXTENSIONS: readonly string[] = Object.values(READERS).flat();

/** Of transcripts that can be read. */
const READ_EXTENSIONS = TRANSCRIPT_EXTENSIONS.filter(
  (extension) => !(REFUSED as readonly string[]).includes(extension),
);
const AUDIO = new Set(AUDIO_EXTENSIONS);
const FILM = new Set<string>(FILMS);
const FORMATS: ReadonlyMap<string, TranscriptFormatName> = new Map(
  Object.entries(TRANSCRIPTS).flatMap(([name, extensions]) =>
    extensions.map((extension) => [extension.toLowerCase(), name as TranscriptFormatName] as const),
  ),
);

/** What a file is by its name; null: nothing that a task uses. Upper and lower case are the same. */
export function inputKindOf(name: string): InputKind | null {
  const extension = extensionOf(name);
  if (AUDIO.has(extension)) return 'audio';
  if (FORMATS.has(extension)) return 'transcript';
  return extension === DICTIONARY ? 'dictionary' : null;
}

/** The format of a transcript, by its name; null: it is not a transcript. */
export function transcriptFormatOf(name: string): TranscriptFormatName | null {
  return FORMATS.get(extensionOf(name)) ?? null;
}

/** Whether a file with the extension of a transcript may well be something else, such as notes. */
export function isOftenOther(name: string): boolean {
  return OFTEN_OTHER.has(extensionOf(name));
}

/** Whether a transcript is used only if no other transcript has its name. */
export function isSpare(name: string): boolean {
  return transcriptFormatOf(name) === 'JSON';
}

/**
 * How a transcript may be called, for messages: `talk.TextGrid (or .eaf, .txt)`.
 * @param stem - name without extension, may be empty
 */
export function transcriptNames(stem: string): string {
  const [first = '', ...others] = READ_EXTENSIONS;
  return `${stem}.${first} (or ${others.map((extension) => `.${extension}`).join(', ')})`;
}

/** Name of a dictionary: `engUS_SPHINX_v010.dict`. */
export function dictionaryName(lang: string): string {
  return `${lang}.${DICTIONARY}`;
}

/** Whether a recording is a film, by its name. */
export function isFilm(name: string): boolean {
  return FILM.has(extensionOf(name));
}

/**
 * What the names of a recording and its transcript share: the name without its extensions (`talk.wav.TextGrid` has two), in
 * capitals, in composed Unicode.
 * @param name - without folders
 */
export function pairKey(name: string): string {
  let stem = name;
  for (let kind = inputKindOf(stem); kind === 'audio' || kind === 'transcript'; kind = inputKindOf(stem))
    stem = stem.slice(0, stem.lastIndexOf('.'));
  return stem.normalize('NFC').toUpperCase().normalize('NFC');
}

/** Without node:path, which the page does not have. A name that begins with its only dot has no extension. */
function extensionOf(name: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1);
  const dot = base.lastIndexOf('.');
  return dot < 1 ? '' : base.slice(dot + 1).toLowerCase();
}
