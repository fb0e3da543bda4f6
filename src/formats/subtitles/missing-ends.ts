import type { Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import type { Cue } from './read-cues.ts';

/**
 * Cues that end where they begin, or before, last until another begins; the last until the audio ends. One for which
 * neither is known stays as it is, for the check of the tiers.
 * @param cues - by their starts
 * @param warn - takes how many there are, at the first
 */
export function setMissingEnds(
  cues: readonly Cue[],
  file: string,
  audioSec: number | null,
  warn: (warning: Warning) => void,
): void {
  let first: Cue | null = null;
  let count = 0;
  let nextSec = audioSec ?? 0;
  let sameSec = nextSec;
  for (const cue of cues.toReversed()) {
    if (cue.startSec < sameSec) nextSec = sameSec;
    sameSec = cue.startSec;
    if (cue.endSec > cue.startSec || cue.text === '' || nextSec <= cue.startSec) continue;
    cue.endSec = nextSec;
    first = cue;
    count += 1;
  }
  if (first === null) return;
  const found = `from here on, cues that end where they begin, or before: ${count}; each lasts until the next begins: check its times`;
  warn(findingAt('W_TRANSCRIPT_READ', { file, line: first.line, timeSec: first.startSec }, found));
}
