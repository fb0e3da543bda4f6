import path from 'node:path';

/**
 * ffmpeg's readers for files that hold sound and lead to no others, each with the extensions of its files. What is in
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

/** For ffmpeg's `-format_whitelist`. */
export const FFMPEG_READERS = Object.keys(READERS).join(',');

/** Lower case, without the dot. */
export const SOUND_EXTENSIONS: readonly string[] = Object.values(READERS).flat();

const SOUND = new Set(SOUND_EXTENSIONS);
const FILM = new Set<string>(FILMS);

/** Whether a file is a recording by its name. */
export function isSoundName(name: string): boolean {
  return SOUND.has(extensionOf(name));
}

/**
 * Which of two recordings of one name is taken. A film often lies beside its sound, which was cut out of it to be
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
