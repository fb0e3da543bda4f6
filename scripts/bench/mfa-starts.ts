import type { AlignmentRequest, Engine } from '../../src/engines/engine.ts';
import { createMfa1 } from '../../src/engines/mfa/mfa1.ts';
import { createMfa2, ONE_PROCESS_MAX_SEC } from '../../src/engines/mfa/mfa2.ts';
import {
  type MfaStandIn,
  makeContext,
  makeRequest,
  makeStandIn,
  removeDirs,
  type Spoken,
} from '../../testing/mfa.ts';
import type { Benchmark } from './benchmark.ts';
import { timeMs } from './numbers.ts';

const FILE_COUNT = 20;
const TIERS = ['anna', 'ben'];
/** The cost of a start, as measured with MFA 1, and a smaller scale of it: forty real starts would take 45 s. */
const REAL = { startSec: 1, secPerAudioSec: 0.01 };
const SCALE = 0.2;
/** Seconds of speech in one tier of one file. */
const SPOKEN: Spoken = [
  [0, 4, 'one two three'],
  [5, 9, 'two three one'],
];

export const mfaStarts: Benchmark = {
  name: 'mfa-starts',
  summary:
    `a task of ${FILE_COUNT} files with ${TIERS.length} tiers each: one start of MFA for all, beside one per file and tier ` +
    `(stand-in, ${SCALE} of the real ${REAL.startSec} s a start and ${REAL.secPerAudioSec} s per second of audio)`,
  run: async ({ signal }) => {
    try {
      const behaviour = {
        startSec: REAL.startSec * SCALE,
        secPerAudioSec: REAL.secPerAudioSec * SCALE,
      };
      const together = makeStandIn('mfa_align', behaviour);
      const apart = makeStandIn('mfa_align', behaviour);
      const whole = makeRequest(
        Object.fromEntries(
          Array.from({ length: FILE_COUNT }, (_, n) => [
            `f${n + 1}`,
            Object.fromEntries(TIERS.map((tier) => [`f${n + 1}${tier}`, SPOKEN])),
          ]),
        ),
      );
      const togetherMs = await alignAll(mfa1(together), [whole], signal);
      const apartMs = await alignAll(mfa1(apart), split(whole), signal);
      const starts = (await together.starts()).length;
      return {
        figures: [
          {
            what: 'starts of MFA',
            value: starts,
            unit: 'count',
            beside: { name: 'one per file and tier', value: (await apart.starts()).length },
            goal: { atMost: 1 },
          },
          {
            what: 'time of the engine',
            value: togetherMs / 1000,
            unit: 's',
            beside: { name: 'one per file and tier', value: apartMs / 1000 },
            goal: { ratioAtMost: 1 },
          },
        ],
        notes: await describeMfa2(signal),
      };
    } finally {
      removeDirs();
    }
  },
};

function mfa1({ command }: MfaStandIn): Engine {
  return createMfa1({ command, launcher: [], env: { PATH: '/usr/bin:/bin' } });
}

async function alignAll(
  engine: Engine,
  requests: readonly AlignmentRequest[],
  signal: AbortSignal,
): Promise<number> {
  // The version is asked for once per instance, not per task.
  await engine.check(signal);
  return timeMs(async () => {
    for (const request of requests) {
      const tiers = await engine.align(request, makeContext({ signal }));
      const expected = request.files.flatMap((file) => file.tiers).length;
      if (tiers.length !== expected) throw new Error(`${tiers.length} tiers of ${expected} came back`);
    }
  });
}

/** Each tier of each file as its own task. */
function split(whole: AlignmentRequest): AlignmentRequest[] {
  return whole.files.flatMap((file) =>
    file.tiers.map((tier) => ({ ...whole, files: [{ ...file, tiers: [tier] }] })),
  );
}

/** The command lines that MFA 2 is given, from a stand-in that was really started. */
async function describeMfa2(signal: AbortSignal): Promise<string[]> {
  const small = await mfa2Arguments(9, signal);
  const large = await mfa2Arguments(ONE_PROCESS_MAX_SEC + 60, signal);
  return [
    `MFA 2, 9 s of speech on 2 cores: ${small}`,
    `MFA 2, ${ONE_PROCESS_MAX_SEC + 60} s of speech on 2 cores: ${large}`,
    `several processes cost MFA 2 about 12 s more per start, spent in waits, so up to ${ONE_PROCESS_MAX_SEC} s of speech it gets one;`,
    'both get a dictionary cut to the words that occur (the full one costs another 18 s) and a clean root of their own',
  ];
}

/** @param speechSec - in one file, spread over two tiers */
async function mfa2Arguments(speechSec: number, signal: AbortSignal): Promise<string> {
  const standIn = makeStandIn('mfa');
  const engine = createMfa2({ command: standIn.command, launcher: [], env: { PATH: '/usr/bin:/bin' } });
  const request = lengthen(makeRequest({ f1: { anna: SPOKEN, ben: SPOKEN } }), speechSec);
  // The result does not matter here, although the audio is shorter than its transcript: only the start does.
  await engine.align(request, makeContext({ signal, coreCount: 2 })).catch(() => []);
  const [start] = await standIn.starts();
  const argv = start?.argv ?? ['(not started)'];
  return ['mfa', ...argv.map((argument) => shorten(argument, start?.cwd ?? ''))].join(' ');
}

function lengthen(request: AlignmentRequest, speechSec: number): AlignmentRequest {
  const files = request.files.map((file) => ({
    ...file,
    durationSec: speechSec,
    tiers: file.tiers.map((tier) => ({
      ...tier,
      utterances: [{ startSec: 0, endSec: speechSec / file.tiers.length, words: ['one'] }],
    })),
  }));
  return { ...request, files };
}

/** Paths relative to the folder of the start. */
function shorten(argument: string, cwd: string): string {
  return argument.startsWith(`${cwd}/`) ? argument.slice(cwd.length + 1) : argument;
}
