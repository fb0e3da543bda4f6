import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { TaskError, type Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { MIN_GAP_SEC } from './ffmpeg.ts';

/** A stretch that could not be read. */
export interface Gap {
  readonly atSec: number;
  readonly lostSec: number;
}

/** What is known of a damaged recording. */
export interface Damage {
  /** The user's name of the file. */
  readonly file: string;
  /** The first error of the decoder. */
  readonly firstError: string;
  /** Where the decoder gave up when it was told to stop at the first fault; null: it never did. */
  readonly stoppedSec: number | null;
  /** Gaps that the times in the file show, in order. */
  readonly gaps: readonly Gap[];
  /** The duration that the file declares; null: none. */
  readonly declaredSec: number | null;
  /** With silence in the gaps. */
  readonly foundSec: number;
}

/** How much lossy formats may add or lose at the ends (padding of the encoder). */
export const END_TOLERANCE_SEC = 0.25;
/** What follows the damage may be shifted by at most this much. */
const PLACE_TOLERANCE_SEC = 0.1;
/** How much a decoder may have read and not yet written when it stops. */
const FRAME_MAX_SEC = 0.3;

/**
 * Where audio is missing, by the times of the pieces that ffmpeg has decoded.
 * @param framesPath - ffmpeg's `framecrc`: lines of `stream, time, time, duration, bytes, checksum`, after lines of `#`
 */
export async function readGaps(framesPath: string): Promise<Gap[]> {
  const gaps: Gap[] = [];
  let secPerTick = 0;
  let endTick = 0;
  for await (const line of createInterface({ input: createReadStream(framesPath) })) {
    const [, numerator, denominator] = /^#tb 0: (\d+)\/(\d+)/.exec(line) ?? [];
    if (denominator !== undefined) secPerTick = Number(numerator) / Number(denominator);
    if (line.startsWith('#')) continue;
    const [, , tick = 0, tickCount = 0] = line.split(',').map(Number);
    const lostSec = (tick - endTick) * secPerTick;
    if (lostSec >= MIN_GAP_SEC) gaps.push({ atSec: endTick * secPerTick, lostSec });
    endTick = Math.max(endTick, tick + tickCount);
  }
  return gaps;
}

/**
 * Decides whether a damaged recording can be aligned, with silence for missing audio: only if what follows the damage is at
 * its right time. That is known if the audio is as long as the file declares, or if nothing follows.
 * @returns the warning; null: no audio is missing, such as with errors about the first frames of an mp3 that was cut, or
 *   about bytes after the audio
 * @throws TaskError E_AUDIO_CUT_SHORT when what follows may be at a wrong time
 */
export function judgeDamage(damage: Damage): Warning | null {
  const { file, firstError, stoppedSec, declaredSec, foundSec, gaps } = damage;
  const atSec = gaps[0]?.atSec ?? stoppedSec;
  const where = atSec === null ? 'damaged' : 'damaged at about this time';
  const place = { file, ...(atSec === null ? {} : { timeSec: Number(atSec.toFixed(2)) }) };
  const warn = (found: string, fix: string): Warning => {
    const more = gaps.length > 1 ? ` and in ${gaps.length - 1} more places` : '';
    return findingAt('W_AUDIO_DAMAGED', place, `${where}${more} (${firstError}): ${found}. ${fix}`);
  };
  const lostSec = gaps.reduce((sum, gap) => sum + gap.lostSec, 0);
  const whole = declaredSec === null ? '' : ` of ${declaredSec.toFixed(2)} s`;
  const read = `${(foundSec - lostSec).toFixed(2)} s${whole} could be read`;
  // The decoder did not stop, and nothing is missing in between: only the ends can be shorter.
  const isHarmless = gaps.length === 0 && stoppedSec === null;
  const toleranceSec = isHarmless ? END_TOLERANCE_SEC : PLACE_TOLERANCE_SEC;
  const isAtEnd = gaps.length === 0 && foundSec - (stoppedSec ?? foundSec) <= FRAME_MAX_SEC;
  if (declaredSec !== null && Math.abs(foundSec - declaredSec) <= toleranceSec) {
    if (isAtEnd) return null;
    const found =
      gaps.length > 0 ? `${read}, silence stands for the rest` : 'what was read there may be wrong';
    return warn(found, 'Look at the intervals there, or upload the original again');
  }
  if (declaredSec === null && isAtEnd) {
    return stoppedSec === null
      ? null
      : warn(`${read}, nothing after that`, 'Is this the end of what was recorded?');
  }
  throw new TaskError(
    'E_AUDIO_CUT_SHORT',
    `${where} (${firstError}): ${read}; the rest is missing, and what follows the damage may be at a wrong time. ` +
      'Upload the original again; if there is none, write what can be read to a new file with ' +
      `"${repairCommand(file)}", and correct its transcript by that`,
    { place },
  );
}

/** A warning that the audio of a film ends long before the film, as it does too where the end of the file is missing. */
export function audioEndsEarly(file: string, foundSec: number, declaredSec: number): Warning {
  const text =
    `the file lasts ${declaredSec.toFixed(2)} s, its audio ${foundSec.toFixed(2)} s: a film may end without audio. ` +
    'Is this the end of what was recorded?';
  return findingAt('W_AUDIO_DAMAGED', { file, timeSec: Number(foundSec.toFixed(2)) }, text);
}

/** A line that the user can copy into a terminal. */
function repairCommand(file: string): string {
  const stem = file.replace(/\.[^./]*$/, '');
  const quote = (name: string): string =>
    /^[\w./][\w./-]*$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
  return `ffmpeg -i ${quote(file)} -af aresample=async=1 ${quote(`${stem}-repaired.wav`)}`;
}
