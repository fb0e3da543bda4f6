import { TaskError } from '../../base/errors.ts';
import type { Engine } from '../engine.ts';
import type { EngineKind } from '../kind.ts';
import { createMfaEngine } from './driver.ts';
import { alignCommand, checkMfa2 } from './health.ts';
import { chooseJobCount } from './jobs.ts';
import type { MfaG2pStart, MfaStart } from './kind.ts';
import type { MfaSettings } from './settings.ts';

export const MFA2: EngineKind = {
  name: 'MFA2',
  setting: { name: 'MFA2', takes: 'program', meaning: 'the path of mfa' },
  needsModel: true,
  create: ({ place, launcher, env }) => createMfa2({ command: place, launcher, env }),
};

/** Phases that 2.x writes to standard error. @internal */
export const MFA2_PHASES = [
  'Setting up corpus information',
  'Loading corpus from source files',
  'Initializing multiprocessing jobs',
  'Normalizing text',
  'Creating corpus split for feature generation',
  'Generating MFCCs',
  'Calculating CMVN',
  'Generating final features',
  'Creating corpus split with features',
  'Compiling training graphs',
  'Performing first-pass alignment',
  'Generating alignments',
  'Calculating fMLLR for speaker adaptation',
  'Performing second-pass alignment',
  'Generating alignments',
  'Collecting phone and word alignments',
  'Exporting alignment TextGrids',
  'Finished exporting TextGrids',
  'Done!',
] as const;

/**
 * Up to so much speech is aligned in one process. Measured on 2.2.17 with a small model: with several processes, a start takes about
 * 12.5 s more, in waits of one second (3.2 s of audio: 15.9 s instead of 3.3 s; 153 s: 17.0 s instead of 4.05 s), while a second
 * of audio takes 0.005 s. So two processes would be faster from 5,000 s of speech on, four from 3,400 s. Published models are
 * larger and slower, so the limit is half of that.
 * @internal
 */
export const ONE_PROCESS_MAX_SEC = 1800;
/** For more speech: seconds of speech per process. */
const SEC_PER_JOB = 450;

/** A first phone that MFA takes for a probability of the pronunciation. */
const NUMBER_FIRST = /\t(\d+\.\d+|1)\b/;

/**
 * Montreal Forced Aligner 2.x and 3.x (`mfa align`), and 4.x (`mfa align_legacy`). Also with exit status 0, it writes no file for
 * audio without any aligned interval; without `--clean`, it may write files of an earlier run.
 * @internal
 */
export function createMfa2(settings: MfaSettings): Engine {
  return createMfaEngine(
    {
      name: 'MFA2',
      // 3.3 s for a file of 3.2 s, 4.05 s for 40 files of 153 s (2.2.17, small model).
      cost: { startSec: 3.3, startsFor: 'task', perSpeechSec: 0.005 },
      phases: MFA2_PHASES,
      check: checkMfa2,
      toDictionaryLine,
      toArguments,
      toG2pCommand,
      // Every run deletes the model below this folder and unpacks it again: two runs would delete each other's files.
      toEnvironment: (dirs) => ({ MFA_ROOT_DIR: dirs.root }),
    },
    settings,
  );
}

/** The defaults are 10 and 40. These are settings of the aligner, which `mfa align` accepts only after the folders. */
const WIDE_SEARCH = ['--beam', '100', '--retry_beam', '400'];

/** Options come first and have their full names: MFA ignores an unknown option, and misreads the argument after it. */
function toArguments({ version, corpus, dirs, modelPath, search }: MfaStart<string>): string[] {
  const jobCount = corpus.speechSec > ONE_PROCESS_MAX_SEC ? chooseJobCount(corpus, SEC_PER_JOB) : 1;
  const processes = jobCount > 1 ? ['--use_mp', '-j', String(jobCount)] : ['--no_use_mp', '-j', '1'];
  const places = [corpus.dir, corpus.dictionaryPath, modelPath, dirs.out];
  return [
    alignCommand(version),
    '--clean',
    ...processes,
    ...places,
    ...(search === 'wide' ? WIDE_SEARCH : []),
  ];
}

/** In 2.0, the model comes before the words, as in MFA 1. Since 2.1, with its new command line, the words come first. */
function toG2pCommand({ version, command, modelPath, wordsPath, outPath }: MfaG2pStart<string>): string[] {
  return version.startsWith('2.0.')
    ? [command, 'g2p', '--clean', '--disable_mp', '-j', '1', modelPath, wordsPath, outPath]
    : [command, 'g2p', '--clean', '--no_use_mp', '-j', '1', wordsPath, modelPath, outPath];
}

/** @throws TaskError E_LANGUAGE_BROKEN when the first phone looks like a number: not all versions could read it in one way */
function toDictionaryLine(line: string): string {
  const phone = NUMBER_FIRST.exec(line)?.[1];
  if (phone === undefined) return line;
  throw new TaskError(
    'E_LANGUAGE_BROKEN',
    `MFA2: a pronunciation begins with the phone "${phone}", which MFA 2 takes for a probability and drops; ` +
      'align with MFA1, or use a model whose phones do not look like numbers',
  );
}
