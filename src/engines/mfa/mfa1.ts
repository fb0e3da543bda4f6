import path from 'node:path';
import type { Engine } from '../engine.ts';
import type { EngineKind } from '../kind.ts';
import { createMfaEngine } from './driver.ts';
import { checkMfa1, type Mfa1Version } from './health.ts';
import { chooseJobCount } from './jobs.ts';
import type { MfaG2pStart, MfaStart } from './kind.ts';
import type { MfaSettings } from './settings.ts';

export const MFA1: EngineKind = {
  name: 'MFA1',
  setting: { name: 'MFA1', takes: 'program', meaning: 'the path of mfa_align' },
  needsModel: true,
  create: ({ place, launcher, env }) => createMfa1({ command: place, launcher, env }),
};

/** What 1.0 and 1.1 write to standard output. All results are written after the last of them. @internal */
export const MFA1_PHASES = [
  'Setting up corpus information',
  'Creating dictionary information',
  'Setting up training data',
  'Setting up corpus_data directory',
  'Calculating MFCCs',
  'Generating base features',
  'Calculating CMVN',
  'Done with setup',
  'Done!',
] as const;

/** 0.01 CPU-seconds for each: a second of work or so for each process. */
const SEC_PER_JOB = 120;
/** Lies beside `mfa_align`, in all of 1.x. */
const G2P_PROGRAM = 'mfa_generate_dictionary';
/** A first phone that Python reads as a number, such as CELEX's `1`: taken for a probability and dropped. */
const NUMBER_FIRST = /\t(?=[+-]?\.?\d)/;

/**
 * Montreal Forced Aligner 1.x: `mfa_align` 1.0.0, 1.0.1 and the beta of 1.1. Exit 0 means nothing: utterances, tiers
 * and files that it could not align are left out without a word.
 *
 * 0.9 CPU-seconds a start, 0.01 per second of audio (small model): ten starts of a file each took 18.5 s, one
 * start for the ten 1.8 to 2.5 s.
 * @internal
 */
export function createMfa1(settings: MfaSettings): Engine {
  return createMfaEngine(
    {
      name: 'MFA1',
      cost: { startSec: 0.9, startsFor: 'task', perSpeechSec: 0.01 },
      phases: MFA1_PHASES,
      check: checkMfa1,
      toDictionaryLine: (line) => line.replace(NUMBER_FIRST, '\t1.0 '),
      toArguments,
      toG2pCommand,
      toEnvironment: () => ({}),
    },
    settings,
  );
}

function toArguments({ version, corpus, dirs, modelPath, search }: MfaStart<Mfa1Version>): string[] {
  // Without it 1.0.1 asks about unknown words; 1.0.0 and 1.1 end with a usage error when they are given it.
  const quiet = version === '1.0.1' ? ['-q'] : [];
  // The passes that adapt to speakers keep their narrow beams whatever `-b` says: a wide search goes without them.
  const wide = search === 'wide' ? ['-n'] : [];
  return [
    '-t',
    dirs.temp,
    '-j',
    String(chooseJobCount(corpus, SEC_PER_JOB)),
    ...quiet,
    ...wide,
    corpus.dir,
    corpus.dictionaryPath,
    modelPath,
    dirs.out,
  ];
}

/** `MODEL WORDS OUT`. Without `-t` it would keep its files, under the model's name, in the home folder. */
function toG2pCommand({ command, dirs, modelPath, wordsPath, outPath }: MfaG2pStart<Mfa1Version>): string[] {
  const program = command.includes('/') ? path.join(path.dirname(command), G2P_PROGRAM) : G2P_PROGRAM;
  return [program, '-t', dirs.temp, modelPath, wordsPath, outPath];
}
