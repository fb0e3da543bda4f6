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

/** What 2.x writes to standard error. @internal */
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
 * Speech up to this is aligned in one process. Measured on 2.2.17 with a small model: several processes cost about
 * 12.5 s more per start, spent in waits of one second (3.2 s of audio: 15.9 s against 3.3 s; 153 s: 17.0 s against
 * 4.05 s), and 0.005 s per second of audio is what there is to share: two processes would win from 5,000 s
 * on, four from 3,400 s. Published models are larger and slower, so the line is drawn at half of that.
 * @internal
 */
export const ONE_PROCESS_MAX_SEC = 1800;
/** Beyond that as many as may be. */
const SEC_PER_JOB = 450;

/** A first phone that is taken for a probability of the pronunciation. */
const NUMBER_FIRST = /\t(\d+\.\d+|1)\b/;

/**
 * Montreal Forced Aligner 2.x and 3.x (`mfa align`), and 4.x (`mfa align_legacy`). Exit 0 means nothing: files without any aligned interval are not
 * written, and without `--clean` the files of the run before are.
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
      // The model is deleted and unpacked again below it by every run: two runs on one root lose files of both.
      toEnvironment: (dirs) => ({ MFA_ROOT_DIR: dirs.root }),
    },
    settings,
  );
}

/** In place of 10 and 40. Read as settings of the aligner, which `mfa align` takes after the folders only. */
const WIDE_SEARCH = ['--beam', '100', '--retry_beam', '400'];

/** Options first and spelled in full: an unknown one is swallowed and what follows it read in its place. */
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

/** 2.0 takes the model first, as MFA 1 does; since 2.1, whose command line was rewritten, the words come first. */
function toG2pCommand({ version, command, modelPath, wordsPath, outPath }: MfaG2pStart<string>): string[] {
  return version.startsWith('2.0.')
    ? [command, 'g2p', '--clean', '--disable_mp', '-j', '1', modelPath, wordsPath, outPath]
    : [command, 'g2p', '--clean', '--no_use_mp', '-j', '1', wordsPath, modelPath, outPath];
}

/** @throws TaskError E_LANGUAGE_BROKEN: there is no way to write such a pronunciation that all of 2.x and 3.x read alike */
function toDictionaryLine(line: string): string {
  const phone = NUMBER_FIRST.exec(line)?.[1];
  if (phone === undefined) return line;
  throw new TaskError(
    'E_LANGUAGE_BROKEN',
    `MFA2: a pronunciation begins with the phone "${phone}", which MFA 2 takes for a probability and drops; ` +
      'align with MFA1, or use a model whose phones do not look like numbers',
  );
}
