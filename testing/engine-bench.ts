import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Engine } from '../src/engines/engine.ts';
import { createFase } from '../src/engines/htk/fase.ts';
import { createFave } from '../src/engines/htk/fave.ts';
import { createMfa1 } from '../src/engines/mfa/mfa1.ts';
import { createMfa2 } from '../src/engines/mfa/mfa2.ts';
import { languageSources } from '../src/engines/registry.ts';
import { fillGaps, writeTextGrid } from '../src/formats/textgrid/write.ts';
import type { IntervalTier } from '../src/formats/tiers.ts';
import { loadLanguage } from '../src/lexicon/load-languages.ts';
import { installAdmin } from './admin.ts';
import { type FaseMode, installFase } from './fase.ts';
import { type FaveMode, installFave } from './fave.ts';
import { type MfaBehaviour, makeStandIn } from './mfa.ts';
import { createPipelineBench, type PipelineBench, TASK_PATH } from './pipeline.ts';
import { makeWav, sine } from './wav.ts';

export type EngineName = 'MFA1' | 'MFA2' | 'FAVE' | 'FASE';
/** Options of the stand-ins; each uses those that it knows. */
export type StandInModes = MfaBehaviour & FaveMode & FaseMode;

/**
 * The stages over a folder, with a real driver, a stand-in for its program, and an ADMIN folder that tests may change.
 */
export interface EngineBench extends PipelineBench {
  readonly adminDir: string;
  readonly engine: Engine;
  /**
   * Adds a recording, by default of 3 s, and its transcript with one tier per entry. Entries with the same name make
   * several tiers.
   */
  addTalk(name: string, tiers: readonly Tiers[], durationSec?: number): Promise<void>;
  /** Ids of processes that work for it. */
  processes(): Promise<number[]>;
}

/** A tier as its name and `[start, end, text]` entries. */
export type Tiers = readonly [name: string, ...labels: (readonly [number, number, string])[]];

const TALK_SEC = 3;
const LANGUAGES: Readonly<Record<EngineName, string>> = {
  MFA1: 'iceIS_MFA1_v010',
  MFA2: 'engUS_MFA2_v020',
  FAVE: 'engUS_FAVE_v010',
  FASE: 'spaUS_FASE_v011',
};
const AUDIO = makeAudio(TALK_SEC);

export async function createEngineBench(
  name: EngineName,
  modes: StandInModes = {},
  { lang = LANGUAGES[name], others = [] as readonly Engine[] } = {},
): Promise<EngineBench> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-engine-'));
  const adminDir = await installAdmin(path.join(dir, 'admin'));
  const engine = await createStandIn(name, dir, modes);
  const bench = await createPipelineBench(engine, {
    task: { taskId: 'task', userUuid: 'ann', lang, engine: null, taskPath: TASK_PATH },
    findLanguage: (code) => loadLanguage(code, languageSources(adminDir, new Map())),
    engines: new Map([engine, ...others].map((one) => [one.name, one])),
  });
  return {
    ...bench,
    adminDir,
    engine,
    addTalk: async (stem, tiers, durationSec = TALK_SEC) => {
      await bench.add(`${stem}.wav`, durationSec === TALK_SEC ? AUDIO : makeAudio(durationSec));
      await bench.add(`${stem}.TextGrid`, transcript(tiers, durationSec));
    },
    processes: () => findProcesses([bench.dir, dir]),
    [Symbol.asyncDispose]: async () => {
      await bench[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** A real driver for a stand-in that lies in `dir` or, with MFA, in a folder that `removeDirs` removes. */
export async function createStandIn(
  name: EngineName,
  dir: string,
  modes: StandInModes = {},
): Promise<Engine> {
  switch (name) {
    case 'MFA1':
      return createMfa1({ ...BARE, command: makeStandIn('mfa_align', modes).command });
    case 'MFA2':
      return createMfa2({ ...BARE, command: makeStandIn('mfa', modes).command });
    case 'FAVE':
      return createFave(await installFave(dir, modes));
    case 'FASE':
      return createFase(await installFase(dir, modes));
  }
}

const BARE = { launcher: [], env: process.env };

function transcript(tiers: readonly Tiers[], endSec: number): string {
  return writeTextGrid({
    startSec: 0,
    endSec,
    tiers: tiers.map(([name, ...labels]): IntervalTier => {
      const intervals = labels.map(([from, to, text]) => ({ startSec: from, endSec: to, text }));
      return {
        kind: 'interval',
        name,
        startSec: 0,
        endSec,
        intervals: fillGaps(intervals, 0, endSec),
      };
    }),
  });
}

function makeAudio(durationSec: number): Buffer {
  return makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, durationSec) });
}

/** Ids of processes with one of the texts in their arguments. */
async function findProcesses(texts: readonly string[]): Promise<number[]> {
  const found: number[] = [];
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
    if (Number(id) !== process.pid && texts.some((text) => line.includes(text))) found.push(Number(id));
  }
  return found;
}
