import path from 'node:path';
import type { EafDocument, EafMedium } from './document.ts';

/**
 * Finds TIME_ORIGIN of a recording's medium: what must be added to times of annotations to get times in the recording. Its medium is
 * the one with the name of the file; otherwise with its stem; otherwise any, since files are renamed.
 * @param recording - the user's name of the recording
 * @returns milliseconds; null: several media with different origins are possible
 */
export function findOriginMs({ media }: Pick<EafDocument, 'media'>, recording: string): number | null {
  const whole = plain(path.posix.basename(recording));
  const ranks: ((name: string) => boolean)[] = [
    (name) => plain(name) === whole,
    (name) => plain(path.parse(name).name) === path.parse(whole).name,
    () => true,
  ];
  for (const fits of ranks) {
    const origins = new Set(media.filter((one) => hasName(one, fits)).map(({ originMs }) => originMs));
    if (origins.size > 0) return origins.size === 1 ? ([...origins][0] ?? 0) : null;
  }
  return 0;
}

/** A name in the form in which names are compared: case and Unicode form do not count. */
function plain(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function hasName({ names }: EafMedium, fits: (name: string) => boolean): boolean {
  return names.some(fits);
}
