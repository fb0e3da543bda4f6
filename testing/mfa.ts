import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type {
  AlignedTier,
  AlignmentFile,
  AlignmentRequest,
  AlignmentTier,
  EngineContext,
} from '../src/engines/engine.ts';
import type { Language, Pronunciation } from '../src/lexicon/language.ts';
import { makeWav, type WavRecipe } from './wav.ts';

/** Faults of a stand-in of MFA, in addition to those that the real program has, too. */
export interface MfaBehaviour {
  readonly version?: string;
  /** Seconds before it does anything, and per second of audio. */
  readonly startSec?: number;
  readonly secPerAudioSec?: number;
  /** MFA 2: seconds lost in queues, unless it is told to work in one process. */
  readonly queueWaitSec?: number;
  /** Number of bytes that it writes to standard error before it starts. */
  readonly floodBytes?: number;
  /** Never ends. */
  readonly hang?: boolean;
  /** Leaves a child that ignores SIGTERM, with this word on its command line. */
  readonly grandchildMarker?: string;
  readonly killedBy?: NodeJS.Signals;
  /** Every Kaldi program fails. */
  readonly kaldiFails?: boolean;
  /** MFA 4: false if it lacks the command of the earlier versions. */
  readonly hasLegacy?: boolean;
  /** The processor of the machine, by OpenBLAS's name. */
  readonly cpu?: string;
  /** A model with which the usual beam loses words with less than 60 ms per phone. */
  readonly poorModel?: boolean;
  /** Dies after it has written this number of TextGrids. */
  readonly crashAfterFiles?: number;
  /** What its G2P program does instead of its work; `nothing`: it ends with 0 and writes no file. */
  readonly g2p?: 'fails' | 'hangs' | 'nothing';
}

export interface MfaStandIn {
  /** The executable, as `MFA1` or `MFA2` would name it. */
  readonly command: string;
  /** Every start of an alignment. */
  starts(): Promise<MfaStandInStart[]>;
  /** Every start of its G2P program. */
  guesses(): Promise<MfaStandInStart[]>;
}

export interface MfaStandInStart {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Programs of an installation, with the functions that stand in for them. */
const PROGRAMS = {
  mfa_align: { mfa_align: 'runMfaAlign', mfa_generate_dictionary: 'runMfaGenerateDictionary' },
  mfa: { mfa: 'runMfa' },
} as const;
const AUDIO_SEC = 10;
const STAND_INS = path.join(import.meta.dirname, '../tests/fixtures/bin');

/** A temporary folder; removed by `removeDirs`. */
export function makeDir(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'mfa-test-'));
  madeDirs.push(dir);
  return dir;
}

/** For `test.after`. */
export function removeDirs(): void {
  for (const dir of madeDirs.splice(0)) rmSync(dir, { recursive: true, force: true });
}

const madeDirs: string[] = [];

/**
 * An executable in a folder of its own, with the tools that MFA 2 looks for beside it.
 * @param tools - which of `initdb` and `sox` exist
 */
export function makeStandIn(
  program: 'mfa_align' | 'mfa',
  behaviour: MfaBehaviour = {},
  tools: readonly string[] = ['initdb', 'sox'],
): MfaStandIn {
  const dir = makeDir();
  const startsPath = path.join(dir, 'starts');
  const settings = JSON.stringify({ startsPath, ...behaviour });
  const functions = Object.entries(PROGRAMS[program]);
  for (const [name, run] of functions) {
    const module = path.join(STAND_INS, `${name}.mjs`);
    const script = `import(${JSON.stringify(module)}).then((m) => m.${run}(${settings}));`;
    // The absolute path of this Node, because PATH may have none.
    writeScript(path.join(dir, name), process.execPath, script);
  }
  for (const tool of tools) writeScript(path.join(dir, tool), '/bin/sh', 'exit 0');
  return {
    command: path.join(dir, program),
    starts: () => readStarts(startsPath),
    guesses: () => readStarts(`${startsPath}-g2p`),
  };
}

async function readStarts(file: string): Promise<MfaStandInStart[]> {
  const lines = await readFile(file, 'utf8').catch(() => '');
  return lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as MfaStandInStart]));
}

function writeScript(file: string, interpreter: string, script: string): void {
  writeFileSync(file, `#!${interpreter}\n${script}\n`, { mode: 0o755 });
}

/** A tier as `[start, end, words]`. */
export type Spoken = readonly (readonly [startSec: number, endSec: number, text: string])[];

export interface RequestOptions {
  /** Content of the stand-ins' acoustic model after the magic bytes of a zip; null: not a zip. */
  readonly model?: string | null;
  /** Phones by word; the default is three phones for each word. */
  readonly phones?: Readonly<Record<string, readonly string[]>>;
  /** Replaces the valid wav file. */
  readonly audio?: Readonly<Record<string, Buffer>>;
}

/** A request with 10 s of silence as the audio of each file. */
export function makeRequest(
  files: Readonly<Record<string, Readonly<Record<string, Spoken>>>>,
  options: RequestOptions = {},
): AlignmentRequest {
  const dir = makeDir();
  const silence = makeSilence();
  const toFile = ([id, tiers]: [string, Readonly<Record<string, Spoken>>], index: number): AlignmentFile => {
    const audioPath = path.join(dir, `audio ${index}.wav`);
    writeFileSync(audioPath, options.audio?.[id] ?? silence);
    return {
      id,
      audioPath,
      sampleRateHz: 16_000,
      durationSec: AUDIO_SEC,
      tiers: Object.entries(tiers).map(toTier),
    };
  };
  const requestFiles = Object.entries(files).map(toFile);
  const words = new Set(
    requestFiles.flatMap((file) => file.tiers.flatMap((tier) => tier.utterances.flatMap((u) => u.words))),
  );
  const pronunciations: Pronunciation[] = [...words].map((word) => ({
    word,
    phones: options.phones?.[word] ?? ['P', 'AH0', 'T'],
  }));
  const modelPath = path.join(dir, 'the model.zip');
  const { model = '' } = options;
  writeFileSync(modelPath, model === null ? 'no zip' : `PK\x03\x04 ${model}`, 'latin1');
  return { language: makeLanguage(modelPath), pronunciations, files: requestFiles };
}

function toTier([id, spoken]: [string, Spoken]): AlignmentTier {
  const utterances = spoken.map(([startSec, endSec, text]) => ({ startSec, endSec, words: text.split(' ') }));
  return { id, utterances };
}

export function makeLanguage(acousticModelPath: string | null): Language {
  return {
    code: 'engUS_MFA1_v010',
    displayName: 'English (US)',
    engine: 'MFA1',
    alphabet: 'ARPAbet',
    dictionaryPath: '/dev/null',
    complexDictionaryPath: null,
    acousticModelPath,
    phones: new Set(),
    complexToSimple: new Map(),
    ipa: new Map(),
    citation: null,
    guidePath: null,
  };
}

/** Silence as a mono wav, by default 10 s. */
export function makeSilence(recipe: WavRecipe & { readonly durationSec?: number } = {}): Buffer {
  const { durationSec = AUDIO_SEC, sampleRateHz = 16_000 } = recipe;
  const samples = new Float64Array(Math.round(durationSec * sampleRateHz));
  return makeWav({ ...recipe, sampleRateHz, samples });
}

export function makeContext(changes: Partial<EngineContext> = {}): EngineContext {
  return {
    workDir: makeDir(),
    logPath: path.join(makeDir(), 'log'),
    coreCount: 2,
    timeoutSec: 600,
    silenceSec: 600,
    signal: new AbortController().signal,
    report: () => undefined,
    ...changes,
  };
}

/** `<file>/<tier>` -> words, for comparisons. */
export function wordsByTier(tiers: readonly AlignedTier[]): Record<string, string> {
  return Object.fromEntries(
    tiers.map(({ fileId, tierId, words }) => [
      `${fileId}/${tierId}`,
      words.map((word) => word.label).join(' '),
    ]),
  );
}
