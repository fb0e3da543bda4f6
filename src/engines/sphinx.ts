import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TaskError } from '../base/errors.ts';
import type {
  AlignedTier,
  AlignedWord,
  AlignmentRequest,
  Engine,
  EngineContext,
  EngineHealth,
} from './engine.ts';
import { engineEnvironment } from './environment.ts';
import { runProcess } from './process.ts';
import {
  type JobWord,
  parseProgress,
  readOutcomes,
  type SphinxItem,
  type SphinxJob,
  type SphinxWord,
  type Stretch,
  UNKNOWN_PHONE,
} from './sphinx-job.ts';
import { sphinxLanguages } from './sphinx-languages.ts';

const CHILD = path.join(import.meta.dirname, 'sphinx-child.ts');
/** The decoder's memory grows with the square of the stretch: 33 s take 153 MB, 240 s kill the process. */
const MAX_STRETCH_SEC = 28;
/** Deaths of a child in one run; a stretch that killed one is not tried again. */
const MAX_DEATHS = 5;
/** Share of the work that is done when long utterances have been divided. */
const DIVIDED_SHARE = 0.5;
const LETTERS_PER_PHONE = 2;

/**
 * The built-in engine: SoundSwallower, CMU PocketSphinx as WebAssembly, in child processes, since it ends its whole
 * process when memory runs out. Brings its languages along; needs no installation and no network.
 */
export function createSphinx(inherited: NodeJS.ProcessEnv = {}): Engine {
  return {
    name: 'SPHINX',
    audio: { minHz: 8_000, maxHz: 48_000, resampleToHz: 16_000 },
    unknownPhone: UNKNOWN_PHONE,
    builtInLanguages: sphinxLanguages(packageDir()),
    check,
    align: (request, context) => new Run(request, context, inherited).align(),
  };
}

async function check(): Promise<EngineHealth> {
  try {
    const description = await readFile(path.join(packageDir(), 'package.json'), 'utf8');
    const { version } = JSON.parse(description) as { version: string };
    return { state: 'ready', version, note: 'built in' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { state: 'missing', version: null, note: `the package soundswallower is not there (${message}); run "make install"` };
  }
}

/** Installed together with this program. */
function packageDir(): string {
  return path.dirname(fileURLToPath(import.meta.resolve('soundswallower')));
}

/** A stretch of an utterance, as it is given to a child. */
interface Piece extends SphinxItem {
  readonly tierId: string;
  readonly utterance: number;
  /** Place of its first word within the utterance. */
  readonly firstWord: number;
}

class Run {
  readonly #request: AlignmentRequest;
  readonly #context: EngineContext;
  readonly #inherited: NodeJS.ProcessEnv;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #words: readonly JobWord[];
  #startCount = 0;
  #nextId = 0;

  constructor(request: AlignmentRequest, context: EngineContext, inherited: NodeJS.ProcessEnv) {
    this.#request = request;
    this.#context = context;
    this.#inherited = inherited;
    const byWord = Map.groupBy(request.pronunciations, ({ word }) => word);
    this.#numbers = new Map([...byWord.keys()].map((word, number) => [word, number]));
    this.#words = [...byWord].map(([word, all]) => toJobWord(word, all.map(({ phones }) => phones)));
  }

  async align(): Promise<AlignedTier[]> {
    const { report } = this.#context;
    const pieces = this.#pieces();
    const long = pieces.filter(({ kind }) => kind === 'divide');
    const share = long.length === 0 ? 0 : DIVIDED_SHARE;
    const divided = await this.#runAll(long, (done) => report(done * share));
    const stretches = long.flatMap((piece) => this.#cut(piece, divided.stretches.get(piece.id) ?? []));
    const toAlign = [...pieces.filter(({ kind }) => kind === 'align'), ...stretches];
    const { words } = await this.#runAll(toAlign, (done) => report(share + done * (1 - share)));
    return this.#collect(toAlign, words);
  }

  #pieces(): Piece[] {
    return this.#request.files.flatMap(({ audioPath, sampleRateHz, tiers }) =>
      tiers.flatMap(({ id: tierId, utterances }) =>
        utterances.map(({ startSec, endSec, words }, utterance): Piece => ({
          id: this.#nextId++,
          kind: endSec - startSec > MAX_STRETCH_SEC ? 'divide' : 'align',
          audioPath,
          sampleRateHz,
          startSec,
          endSec,
          words: words.map((word) => this.#numbers.get(word) ?? -1),
          tierId,
          utterance,
          firstWord: 0,
        })),
      ),
    );
  }

  #cut(piece: Piece, stretches: readonly Stretch[]): Piece[] {
    return stretches.map(({ startSec, endSec, firstWord, wordCount }) => ({
      ...piece,
      id: this.#nextId++,
      kind: 'align',
      startSec,
      endSec,
      firstWord,
      words: piece.words.slice(firstWord, firstWord + wordCount),
    }));
  }

  /** Gives the pieces to as many children as there are cores. */
  async #runAll(pieces: readonly Piece[], report: (done: number) => void) {
    const stretches = new Map<number, readonly Stretch[]>();
    const words = new Map<number, readonly SphinxWord[]>();
    const totalSec = pieces.reduce((sum, piece) => sum + lengthSec(piece), 0);
    const doneSec = new Map<number, number>();
    const lengths = new Map(pieces.map((piece) => [piece.id, lengthSec(piece)]));
    const onProgress = (id: number, done: number) => {
      doneSec.set(id, done * (lengths.get(id) ?? 0));
      report([...doneSec.values()].reduce((sum, sec) => sum + sec, 0) / totalSec);
    };
    await Promise.all(
      share(pieces, this.#context.coreCount).map(async (part) => {
        for (const outcome of await this.#runChildren(part, onProgress)) {
          if (outcome.state === 'divided') stretches.set(outcome.id, outcome.stretches);
          if (outcome.state === 'aligned') words.set(outcome.id, outcome.words);
        }
      }),
    );
    return { stretches, words };
  }

  /** Runs a child, and another with what is left when it died. */
  async #runChildren(pieces: readonly Piece[], onProgress: (id: number, done: number) => void) {
    const outcomes = [];
    let left = pieces;
    for (let deaths = 0; left.length > 0; deaths++) {
      const { exitCode, signal, lastLines, found } = await this.#runChild(left, onProgress);
      outcomes.push(...found);
      const met = new Set(found.map(({ id }) => id));
      left = left.filter(({ id }) => !met.has(id));
      if (exitCode === 0) break;
      // Died before it came to any piece: the model or the installation, not the recording.
      if (met.size === 0 || deaths === MAX_DEATHS) {
        const end = signal === null ? `exit status ${exitCode}` : `signal ${signal}`;
        throw new TaskError('E_ENGINE_FAILED', `SPHINX ended with ${end}: ${lastLines.slice(-3).join(' ')}`);
      }
    }
    return outcomes;
  }

  async #runChild(items: readonly Piece[], onProgress: (id: number, done: number) => void) {
    const { workDir, logPath, timeoutSec, silenceSec, signal, onStart } = this.#context;
    const dir = path.join(workDir, `child${++this.#startCount}`);
    await mkdir(dir);
    const outcomePath = path.join(dir, 'outcomes');
    const modelDir = this.#request.language.acousticModelPath ?? '';
    const loopPhones = [...this.#request.language.phones];
    const job: SphinxJob = { modelDir, outcomePath, words: this.#words, loopPhones, items };
    const jobPath = path.join(dir, 'job.json');
    await writeFile(jobPath, JSON.stringify(job));
    const result = await runProcess({
      argv: [process.execPath, CHILD, jobPath],
      cwd: dir,
      env: engineEnvironment({}, this.#inherited),
      logPath,
      timeoutSec,
      silenceSec,
      signal,
      ...(onStart === undefined ? {} : { onStart }),
      onLine: (line) => {
        const progress = parseProgress(line);
        if (progress !== null) onProgress(progress.id, progress.share);
      },
    });
    return { ...result, found: await readOutcomes(outcomePath) };
  }

  /** Only utterances of which every word was found. */
  #collect(pieces: readonly Piece[], found: ReadonlyMap<number, readonly SphinxWord[]>): AlignedTier[] {
    const byTier = Map.groupBy(pieces, ({ tierId }) => tierId);
    return this.#request.files.flatMap(({ id: fileId, tiers }) =>
      tiers.map(({ id: tierId, utterances }) => {
        const byUtterance = Map.groupBy(byTier.get(tierId) ?? [], ({ utterance }) => utterance);
        const words = utterances.flatMap(({ words: labels }, utterance) => {
          const own = (byUtterance.get(utterance) ?? []).toSorted((a, b) => a.firstWord - b.firstWord);
          const phones = own.flatMap(({ id }) => found.get(id) ?? []);
          return phones.length === labels.length ? labels.map((label, at) => toWord(label, phones[at] ?? [])) : [];
        });
        return { fileId, tierId, words };
      }),
    );
  }
}

function toJobWord(word: string, pronunciations: readonly (readonly string[])[]): JobWord {
  const known = pronunciations.filter((phones) => !phones.includes(UNKNOWN_PHONE));
  return {
    pronunciations: known.map((phones) => phones.join(' ')),
    minPhoneCount: Math.max(1, Math.floor(word.length / LETTERS_PER_PHONE)),
  };
}

function toWord(label: string, phones: SphinxWord): AlignedWord {
  return { label, startSec: phones[0]?.startSec ?? 0, endSec: phones.at(-1)?.endSec ?? 0, phones };
}

function lengthSec({ startSec, endSec }: SphinxItem): number {
  return endSec - startSec;
}

/** Divides pieces into parts of about the same length, without changing their order. */
function share(pieces: readonly Piece[], partCount: number): Piece[][] {
  const totalSec = pieces.reduce((sum, piece) => sum + lengthSec(piece), 0);
  const parts: Piece[][] = Array.from({ length: Math.max(1, partCount) }, () => []);
  let passedSec = 0;
  for (const piece of pieces) {
    const part = Math.min(parts.length - 1, Math.floor((passedSec / totalSec) * parts.length));
    parts[part]?.push(piece);
    passedSec += lengthSec(piece);
  }
  return parts.filter((part) => part.length > 0);
}
