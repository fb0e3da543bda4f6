import path from 'node:path';
import type { EafDocument, EafMedium } from './document.ts';

/**
 * What is to be added to times of annotations for those in a recording: TIME_ORIGIN of its medium. It is the medium with
 * the name of the file; otherwise with its stem; otherwise any, since files are renamed.
 * @param recording - the user's name of it; its extension may not be known
 * @returns null when it may be several media with different origins
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

/** Folders belong to other computers; upper and lower case, and ways to write `é`, do not count. */
function plain(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function hasName({ names }: EafMedium, fits: (name: string) => boolean): boolean {
  return names.some(fits);
}
