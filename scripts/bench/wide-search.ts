import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createEngineBench, type Tiers } from '../../testing/engine-bench.ts';
import { removeDirs } from '../../testing/mfa.ts';
import { POLICY } from '../../testing/pipeline.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { median, timeMs } from './numbers.ts';

const FILE_COUNT = 10;
const ROUNDS = 3;
/** As in mfa-starts. */
const START_SEC = 0.2;
const SEC_PER_AUDIO_SEC = 0.002;
/** Words that the usual search of a poor model finds if they take a second, and loses if they take a fifth of one. */
const ENGINES = [
  { name: 'MFA1', slow: 'akur', fast: 'hjarta' },
  { name: 'MFA2', slow: 'dog', fast: 'water' },
] as const;

export const wideSearch: Benchmark = {
  name: 'wide-search',
  summary:
    `a task of ${FILE_COUNT} files of which the usual search loses an interval each: its second run, and the wide search ` +
    `from the first run on (--wide), beside a task of which nothing is lost; stand-in, ${START_SEC} s a start, median of ${ROUNDS}`,
  run: async ({ signal }) => {
    const figures: Figure[] = [];
    try {
      for (const engine of ENGINES) figures.push(...(await measure(engine, signal)));
    } finally {
      removeDirs();
    }
    const notes = [
      'the stand-in searches as fast either way: for what MFA takes longer see SEARCH in configuration.md',
    ];
    return { figures, notes };
  },
};

async function measure(engine: (typeof ENGINES)[number], signal: AbortSignal): Promise<Figure[]> {
  const easy: Run[] = [];
  const twice: Run[] = [];
  const wide: Run[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    easy.push(await align(engine, { poorModel: false, search: 'usual' }, signal));
    twice.push(await align(engine, { poorModel: true, search: 'usual' }, signal));
    wide.push(await align(engine, { poorModel: true, search: 'wide' }, signal));
  }
  const startsOf = (runs: readonly Run[]) => Math.max(...runs.map(({ starts }) => starts));
  const secOf = (runs: readonly Run[]) => median(runs.map(({ sec }) => sec));
  const beside = { name: 'nothing lost', value: secOf(easy) };
  const { name } = engine;
  return [
    { what: `${name}: starts, second run`, value: startsOf(twice), unit: 'count', goal: { atMost: 2 } },
    { what: `${name}: starts, --wide`, value: startsOf(wide), unit: 'count', goal: { atMost: 1 } },
    { what: `${name}: time, second run`, value: secOf(twice), unit: 's', beside, goal: { ratioAtMost: 2.5 } },
    { what: `${name}: time, --wide`, value: secOf(wide), unit: 's', beside, goal: { ratioAtMost: 1.5 } },
  ];
}

interface Run {
  readonly starts: number;
  readonly sec: number;
}

async function align(
  { name, slow, fast }: (typeof ENGINES)[number],
  { poorModel, search }: { readonly poorModel: boolean; readonly search: 'usual' | 'wide' },
  signal: AbortSignal,
): Promise<Run> {
  await using bench = await createEngineBench(name, {
    poorModel,
    startSec: START_SEC,
    secPerAudioSec: SEC_PER_AUDIO_SEC,
  });
  const tiers: readonly Tiers[] = [['anna', [0, 1, slow], [1, 1.2, fast], [2, 3, slow]]];
  for (let n = 1; n <= FILE_COUNT; n++) await bench.addTalk(`talk ${n}`, tiers);
  const policy = { ...POLICY, search };
  const sec = (await timeMs(() => bench.run({ policy, signal }))) / 1000;
  const log = await readFile(path.join(bench.dir, 'engine.log'), 'utf8');
  return { starts: [...log.matchAll(/^== \S+ started, process \d+: /gm)].length, sec };
}
