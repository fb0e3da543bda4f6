import path from 'node:path';
import type { EafDocument, EafMedium } from './document.ts';

/**
 * Finds the TIME_ORIGIN of a recording: the time of an annotation plus this is its time in the recording. It is that of
 * the medium with the same file name; otherwise of a medium with the same name and another extension; otherwise of any
 * medium, since files are renamed.
 * @param recording - the user's name of the recording, or of the EAF
 * @returns milliseconds, 0 if the EAF names no media; null: several media with different origins are possible
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

/** A name without its differences of case and Unicode form, for comparisons. */
function plain(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function hasName({ names }: EafMedium, fits: (name: string) => boolean): boolean {
  return names.some(fits);
}
