import type { MfaCorpus } from './corpus.ts';

/** The largest number of processes of one start. The worker may have fewer cores, which the processes then share. */
const MAX_JOBS = 4;

/**
 * Chooses how many processes MFA divides its speakers between. The boundaries depend on this number, by up to 320 ms. So it depends
 * only on the task, not on the cores of the worker: the same task always gives the same result.
 * @param secPerJob - seconds of speech that are worth the start of one more process
 */
export function chooseJobCount(
  { speakerCount, speechSec }: Pick<MfaCorpus, 'speakerCount' | 'speechSec'>,
  secPerJob: number,
): number {
  return Math.max(1, Math.min(MAX_JOBS, speakerCount, Math.floor(speechSec / secPerJob)));
}
