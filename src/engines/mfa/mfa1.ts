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

/** Phases that 1.0 and 1.1 write to standard output. The results are written after the last of them. @internal */
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

/** Seconds of speech per process. Each takes 0.01 CPU-seconds, so a process has about one second of work. */
const SEC_PER_JOB = 120;
/** In all versions 1.x it lies beside `mfa_align`. */
const G2P_PROGRAM = 'mfa_generate_dictionary';
/** A first phone that Python reads as a number, such as `1` of CELEX. MFA would take it for a probability and drop it. */
const NUMBER_FIRST = /\t(?=[+-]?\.?\d)/;

/**
 * Montreal Forced Aligner 1.x: `mfa_align` 1.0.0, 1.0.1 and the beta of 1.1. Utterances, tiers and files that it cannot align are
 * missing in its output, without a message and with exit status 0.
 *
 * A start takes 0.9 CPU-seconds, a second of audio 0.01 (small model). Ten starts with one file each took 18.5 s, one start with
 * all ten 1.8 to 2.5 s.
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
  // Without `-q`, 1.0.1 asks about unknown words. 1.0.0 and 1.1 do not have this option, and would fail.
  const quiet = version === '1.0.1' ? ['-q'] : [];
  // The passes that adapt to speakers have narrow beams, which `-b` does not change. `-n` leaves these passes out.
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

/** The arguments are `MODEL WORDS OUT`. Without `-t` it would keep files with the name of the model in the home folder. */
function toG2pCommand({ command, dirs, modelPath, wordsPath, outPath }: MfaG2pStart<Mfa1Version>): string[] {
  const program = command.includes('/') ? path.join(path.dirname(command), G2P_PROGRAM) : G2P_PROGRAM;
  return [program, '-t', dirs.temp, modelPath, wordsPath, outPath];
}
