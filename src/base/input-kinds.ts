import path from 'node:path';

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
  amr: ['amr'],
  matroska: ['mka', 'mkv', 'webm'],
  avi: ['avi'],
  mpeg: ['mpg', 'mpeg', 'vob'],
  mpegts: ['mts', 'm2ts'],
} as const;

/** Which of them mostly hold pictures, too. */
const FILMS = [
  ...['ogv', 'mp4', 'm4v', 'mov', 'qt', '3gp', '3g2', 'asf', 'wmv'],
  ...['mkv', 'webm', 'avi', 'mpg', 'mpeg', 'vob', 'mts', 'm2ts'],
] as const satisfies readonly (typeof READERS)[keyof typeof READERS][number][];

/** Formats of transcripts, each with the extensions of its files as people write them; `formats/` reads them. */
const TRANSCRIPTS = {
  TextGrid: ['TextGrid'],
  Subtitles: ['srt', 'vtt'],
  Transcriber: ['trs'],
  CHAT: ['cha'],
} as const;

/** As people write it, without the dot. */
const DICTIONARY = 'dict';

/** What a file is for a task. A dictionary has pronunciations for this task alone. */
export type InputKind = 'audio' | 'transcript' | 'dictionary';

export type TranscriptFormatName = keyof typeof TRANSCRIPTS;

/** For ffmpeg's `-format_whitelist`. */
export const FFMPEG_READERS = Object.keys(READERS).join(',');

/** Lower case, without the dot. */
export const AUDIO_EXTENSIONS: readonly string[] = Object.values(READERS).flat();

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

/** The format of a transcript, by its name; null: it is none. */
export function transcriptFormatOf(name: string): TranscriptFormatName | null {
  return FORMATS.get(extensionOf(name)) ?? null;
}

/** How a transcript may be called, for messages: `talk.TextGrid`. @param stem - name without extension, may be empty */
export function transcriptNames(stem: string): string {
  const names = Object.values(TRANSCRIPTS).flatMap((all) => all.map((extension) => `${stem}.${extension}`));
  return names.join(' or ');
}

/** Name of a dictionary: `engUS_SPHINX_v010.dict`. */
export function dictionaryName(lang: string): string {
  return `${lang}.${DICTIONARY}`;
}

/**
 * Which of two recordings of one name is taken. A film often lies beside its audio, which was cut out of it to be
 * transcribed: then the film is passed over.
 * @returns null when both are films, or neither: only their owner can tell
 */
export function chooseRecording(
  one: string,
  other: string,
): { readonly taken: string; readonly passedOver: string } | null {
  const isFilm = FILM.has(extensionOf(one));
  if (isFilm === FILM.has(extensionOf(other))) return null;
  return isFilm ? { taken: other, passedOver: one } : { taken: one, passedOver: other };
}

function extensionOf(name: string): string {
  return path.extname(name).slice(1).toLowerCase();
}
