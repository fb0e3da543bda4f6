import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AlignedTier, AlignmentFile, AlignmentRequest, EngineContext } from '../src/engines/engine.ts';
import type { Language, Pronunciation } from '../src/lexicon/language.ts';

/**
 * What a stand-in for FAVE or faseAlign does in addition to its work: see `misbehave` in fixtures/bin/htk-stand-in.mjs.
 */
export interface StandInMode {
  readonly flood?: boolean;
  readonly hang?: boolean;
  readonly kill?: NodeJS.Signals;
  /** Path of a socket to which a grandchild connects that ignores SIGTERM. */
  readonly hvite?: string;
  /** Path of a socket that lets all runs go on when the awaited number have connected. */
  readonly meet?: string;
}

export const HTK_TOOLS = ['sox', 'HCopy', 'HVite'];
const FIXTURES = path.resolve(import.meta.dirname, '../tests/fixtures/bin');

/**
 * Writes a program that runs a function of a stand-in with a mode.
 * @param code - of the module `stand`, in fixtures/bin, and `argv`
 */
export async function writeStandIn(file: string, moduleName: string, code: string): Promise<void> {
  const url = JSON.stringify(path.join(FIXTURES, moduleName));
  const body = `import(${url}).then((stand) => { const argv = process.argv.slice(2); return ${code}; });`;
  await writeFile(file, `#!${process.execPath}\n${body}\n`, { mode: 0o755 });
}

/** Programs that only print a version, like sox and HTK's. */
export async function writeTools(dir: string, names: readonly string[]): Promise<void> {
  for (const name of names)
    await writeFile(path.join(dir, name), '#!/bin/sh\necho version 1\n', { mode: 0o755 });
}

export interface WavOptions {
  readonly rateHz?: number;
  readonly bits?: number;
  readonly format?: number;
  readonly channels?: number;
  /** From and to, in seconds, where all samples are 0. */
  readonly silentSec?: readonly [number, number];
}

/** 16-bit PCM mono at 16 kHz by default; the audio is a constant that is not 0. */
export async function writeWav(file: string, durationSec: number, options: WavOptions = {}): Promise<void> {
  const { rateHz = 16_000, bits = 16, format = 1, channels = 1, silentSec = [0, 0] } = options;
  const frameBytes = channels * (bits / 8);
  const dataBytes = Math.round(durationSec * rateHz) * frameBytes;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + dataBytes, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(format, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(rateHz, 24);
  head.writeUInt32LE(rateHz * frameBytes, 28);
  head.writeUInt16LE(frameBytes, 32);
  head.writeUInt16LE(bits, 34);
  head.write('data', 36);
  head.writeUInt32LE(dataBytes, 40);
  const audio = Buffer.alloc(dataBytes, 1);
  const [fromByte, toByte] = silentSec.map((sec) => Math.round(sec * rateHz) * frameBytes);
  await writeFile(file, Buffer.concat([head, audio.fill(0, fromByte, toByte)]));
}

/** A folder for one test, with an empty folder per engine run. */
export interface Scene {
  readonly dir: string;
  context(overrides?: Partial<EngineContext>): Promise<EngineContext>;
  /** @param letGoAt - with this number of connections, all are closed at once; 0: never */
  openMeeting(letGoAt?: number): Promise<Meeting>;
  remove(): Promise<void>;
}

export async function createScene(): Promise<Scene> {
  const dir = await mkdtemp(path.join(tmpdir(), 'autophon-htk-'));
  const meetings: Meeting[] = [];
  let runCount = 0;
  return {
    dir,
    context: async (overrides) => {
      runCount += 1;
      const workDir = path.join(dir, `run${runCount}`);
      await mkdir(workDir);
      return {
        workDir,
        logPath: path.join(dir, 'engine.log'),
        coreCount: 2,
        timeoutSec: 600,
        silenceSec: 600,
        signal: new AbortController().signal,
        report: () => undefined,
        ...overrides,
      };
    },
    openMeeting: async (letGoAt = 0) => {
      const meeting = await openMeeting(dir, letGoAt);
      meetings.push(meeting);
      return meeting;
    },
    remove: async () => {
      for (const meeting of meetings) await meeting.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** An utterance as `[start, end, 'its words']`. */
export type Said = readonly [startSec: number, endSec: number, text: string];

/** Tiers `t1`, `t2` ... of a file of 30 s. */
export function fileOf(id: string, audioPath: string, ...tiers: readonly (readonly Said[])[]): AlignmentFile {
  return {
    id,
    audioPath,
    sampleRateHz: 16_000,
    durationSec: 30,
    tiers: tiers.map((tier, i) => ({
      id: `${id}-t${i + 1}`,
      utterances: tier.map(([startSec, endSec, text]) => ({ startSec, endSec, words: text.split(' ') })),
    })),
  };
}

/** @param lines - of a dictionary: `word phone phone`; later lines of a word are variants */
export function requestOf(
  engine: string,
  lines: readonly string[],
  files: AlignmentFile[],
): AlignmentRequest {
  const pronunciations = lines.map((line): Pronunciation => {
    const [word = '', ...phones] = line.split(' ');
    return { word, phones };
  });
  return { language: languageOf(engine), pronunciations, files };
}

function languageOf(engine: string): Language {
  return {
    code: `xxxXX_${engine}_v010`,
    displayName: 'A language for tests',
    engine,
    alphabet: 'Test',
    dictionaryPath: '/nowhere',
    complexDictionaryPath: null,
    acousticModelPath: null,
    phones: new Set(),
    complexToSimple: new Map(),
    ipa: new Map(),
    citation: null,
    guidePath: null,
  };
}

/** A socket to which processes of a stand-in connect. */
export interface Meeting {
  readonly socketPath: string;
  /** Settles when this number have connected. */
  arrived(count: number): Promise<void>;
  /** Settles when all connections are closed. That of a dead process is. */
  readonly isEmpty: () => Promise<void>;
  close(): Promise<void>;
}

async function openMeeting(dir: string, letGoAt: number): Promise<Meeting> {
  const socketPath = path.join(dir, 'meeting');
  const here = new Set<net.Socket>();
  let cameCount = 0;
  let changed = Promise.withResolvers<void>();
  const change = (): void => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  const server = net.createServer((socket) => {
    here.add(socket);
    cameCount += 1;
    socket
      .on('error', () => undefined)
      .on('close', () => {
        here.delete(socket);
        change();
      });
    socket.resume();
    if (cameCount === letGoAt) for (const visitor of here) visitor.end();
    change();
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const until = async (isTrue: () => boolean): Promise<void> => {
    while (!isTrue()) await changed.promise;
  };
  return {
    socketPath,
    arrived: (count) => until(() => cameCount >= count),
    isEmpty: () => until(() => here.size === 0),
    close: async () => {
      for (const visitor of here) visitor.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** `tier: its words`, by tier. */
export function textsOf(tiers: readonly AlignedTier[]): string[] {
  return tiers.map(({ tierId, words }) => `${tierId}: ${words.map((word) => word.label).join(' ')}`).sort();
}
