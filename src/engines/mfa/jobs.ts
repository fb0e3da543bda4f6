import type { MfaCorpus } from './corpus.ts';

/** Most processes of one start: a worker may have fewer cores, on which they then take turns. */
const MAX_JOBS = 4;

/**
 * How many processes MFA is to spread its speakers over. The boundaries depend on the number, by up to 320 ms, so that it
 * follows from the task alone: the same task comes out the same on a worker with any number of cores.
 * @param secPerJob - seconds of speech for which a process more is worth its start
 */
export function chooseJobCount(
  { speakerCount, speechSec }: Pick<MfaCorpus, 'speakerCount' | 'speechSec'>,
  secPerJob: number,
): number {
  return Math.max(1, Math.min(MAX_JOBS, speakerCount, Math.floor(speechSec / secPerJob)));
}
