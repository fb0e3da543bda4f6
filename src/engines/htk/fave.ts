import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TaskError } from '../../base/errors.ts';
import type { Pronunciation } from '../../lexicon/language.ts';
import type { AlignedWord, AlignmentFile, Engine } from '../engine.ts';
import { engineEnvironment } from '../environment.ts';
import { placeFile } from '../exchange/place-file.ts';
import { parseOutput, readSpeaker } from '../exchange/speaker-tiers.ts';
import { createWordTokens, type WordTokens } from '../exchange/word-tokens.ts';
import type { EngineKind } from '../kind.ts';
import { engineFailed } from '../process/failure.ts';
import { runProcess } from '../process/run-process.ts';
import { watchHtkFaults } from './faults.ts';
import { checkFave } from './fave-health.ts';
import { type ModelPhones, readModelPhones } from './fave-model.ts';
import { alignInParts, type FilePart, halve, type PartOutcome } from './file-parts.ts';
import { alignPerFile, type FileContext } from './per-file.ts';
import type { FaveSettings } from './settings.ts';
import { makeSpeakerOf, type SpeakerOf } from './speakers.ts';

export const FAVE: EngineKind = {
  name: 'FAVE',
  setting: {
    name: 'FAVE_DIR',
    takes: 'folder',
    meaning: 'the folder that holds FAAValign.py and align/model/',
  },
  needsModel: false,
  create: ({ place, launcher, env }) => createFave({ faveDir: place, python: 'python3', launcher, env }),
};

/** What all starts for one file need. */
interface FaveFile {
  readonly settings: FaveSettings;
  readonly file: AlignmentFile;
  readonly context: FileContext;
  readonly words: WordTokens;
  readonly speakerOf: SpeakerOf;
  readonly spellings: Spellings;
  readonly model: ModelPhones;
}

/** Phones as in the dictionary, by word and phones in capitals. */
type Spellings = ReadonlyMap<string, readonly string[]>;

/** The utterance at which FAVE failed: the number is its line in the transcript. */
const BAD_CHUNK = /Error in aligning file \S*_chunk_(\d+)\.wav: +(.*)/;
/** HTK found no path through the audio of this utterance. Others are not affected. */
const NO_PATH = 'list index out of range';

/**
 * FAVE-align 2.0.x, one start per file. It writes nothing while it works. If one utterance cannot be aligned, it fails for the whole
 * file, and is started again for the utterances before and after. Short utterances take 0.15 times their length, but one of ten
 * minutes was not finished after 150 s.
 *
 * Words without a pronunciation cannot be aligned: the model has no phone for unknown sounds.
 * @internal
 */
export function createFave(settings: FaveSettings): Engine {
  return {
    name: 'FAVE',
    // Only the rate of its model: at others it resamples with sox, which adds dither.
    audio: { minHz: 16_000, maxHz: 16_000, resampleToHz: 16_000 },
    unknownPhone: null,
    cost: { startSec: 0, startsFor: 'recording', perSpeechSec: 0.15 },
    builtInLanguages: [],
    check: (signal) => checkFave(settings, signal),
    align: async (request, context) => {
      const { faveDir } = settings;
      const words = createWordTokens(request.pronunciations.map(toUpperCase));
      const spellings = new Map(
        request.pronunciations.map(({ word, phones }) => [toKey(word, phones), phones]),
      );
      const model = await readModelPhones(faveDir, request.pronunciations);
      const common = { settings, words, spellings, model };
      return alignPerFile(request, context, (file, fileContext) => {
        const run = { ...common, file, context: fileContext, speakerOf: makeSpeakerOf(file) };
        return alignInParts(file, (part, number) => alignPart(run, part, number), fileContext.note);
      });
    },
  };
}

/** The phones of the model are in upper case. */
function toUpperCase({ word, phones }: Pronunciation): Pronunciation {
  return { word, phones: phones.map((phone) => phone.toUpperCase()) };
}

async function alignPart(run: FaveFile, part: FilePart, number: number): Promise<PartOutcome> {
  const { settings, file, context } = run;
  const dir = path.join(context.dir, `p${number}`);
  await writeInput(run, part, dir);
  let badChunk: RegExpExecArray | null = null;
  const faults = watchHtkFaults('FAVE');
  const [command = settings.python, ...args] = [
    ...settings.launcher,
    settings.python,
    path.join(settings.faveDir, 'FAAValign.py'),
    ...['-d', 'd.dict', 'a.wav', 'a.txt', 'o.TextGrid'],
  ];
  const result = await runProcess({
    ...context,
    name: 'FAVE',
    argv: [command, ...args],
    cwd: dir,
    // HTKTOOLSPATH must not be set: FAVE would pass its name, not its value, to a shell.
    env: engineEnvironment({ HOME: dir, TMPDIR: dir }, settings.env),
    timeoutSec: context.leftSec(),
    // It writes nothing while it works, and needs more time for longer audio.
    silenceSec: context.silenceSec + file.durationSec,
    onLine: (line) => {
      badChunk ??= BAD_CHUNK.exec(line);
      faults.read(line);
    },
  });
  if (result.exitCode === 0) {
    const output = await readFile(path.join(dir, 'o.TextGrid'), 'utf8').catch(() => null);
    if (output === null) return { words: new Map(), again: [], fault: engineFailed('FAVE', result) };
    return { words: await readWords(run, output), again: [], fault: null };
  }
  faults.assertFit();
  return toFailedOutcome(run, part, badChunk, { fault: faults.explain(result), suspicion: faults.suspect() });
}

/**
 * Writes the input of a start to a folder of its own. FAVE's intermediate files in the current folder have the names of audio and
 * speaker: in one folder, a run could read the words of another one.
 */
async function writeInput(run: FaveFile, part: FilePart, dir: string): Promise<void> {
  const lines = part.map(({ tierId, utterance }) => {
    const speaker = run.speakerOf(tierId);
    const text = utterance.words.map(run.words.tokenOf).join(' ');
    return [speaker, speaker, toSecondsText(utterance.startSec), toSecondsText(utterance.endSec), text].join(
      '\t',
    );
  });
  const used = part.flatMap(({ utterance }) => utterance.words);
  const dictionary = [...run.words.dictionaryOf(used, '  '), 'sp  sp'];
  await mkdir(dir);
  await Promise.all([
    writeFile(path.join(dir, 'a.txt'), `${lines.join('\n')}\n`),
    writeFile(path.join(dir, 'd.dict'), `${dictionary.join('\n')}\n`),
    placeFile(run.file.audioPath, path.join(dir, 'a.wav')),
    symlink(path.join(run.settings.faveDir, 'align'), path.join(dir, 'align')),
  ]);
}

/** Seconds without an exponent: FAVE takes a first line whose times are not plain numbers for a header, and drops it. */
function toSecondsText(sec: number): string {
  return String(Number(sec.toFixed(6)));
}

async function readWords(run: FaveFile, output: string): Promise<Map<string, AlignedWord[]>> {
  const grid = await parseOutput(output, 'FAVE');
  return new Map(
    run.file.tiers.map(({ id }) => {
      const speaker = run.speakerOf(id);
      const names = { words: `${speaker} - word`, phones: `${speaker} - phone` };
      const words = readSpeaker(grid, names, run.words.wordOf);
      return [id, words.map((word) => spellPhones(word, run.spellings))];
    }),
  );
}

function spellPhones(word: AlignedWord, spellings: Spellings): AlignedWord {
  const key = toKey(
    word.label,
    word.phones.map((phone) => phone.label),
  );
  const spelling = spellings.get(key) ?? [];
  return {
    ...word,
    phones: word.phones.map((phone, i) => ({ ...phone, label: spelling[i] ?? phone.label })),
  };
}

function toKey(word: string, phones: readonly string[]): string {
  return [word, ...phones.map((phone) => phone.toUpperCase())].join(' ');
}

/** FAVE aligns line by line and fails at the first bad one: those before it are good, those after it were not tried. */
function toFailedOutcome(
  run: FaveFile,
  part: FilePart,
  badChunk: RegExpExecArray | null,
  { fault, suspicion }: { readonly fault: TaskError; readonly suspicion: TaskError | null },
): PartOutcome {
  const index = Number(badChunk?.[1] ?? 0) - 1;
  const bad = part[index];
  if (bad === undefined) return { words: new Map(), again: [], fault };
  const rest = part.slice(index + 1);
  const isAudioOnly = badChunk?.[2]?.includes(NO_PATH) === true;
  const modelFault = isAudioOnly ? null : run.model.findFault(bad.utterance.words);
  const suspected = modelFault ?? suspicion;
  return {
    words: new Map(),
    again: index === 0 ? halve(rest) : [rest],
    good: part.slice(0, index),
    fault: isAudioOnly || modelFault !== null ? null : fault,
    ...(suspected === null ? {} : { suspicion: suspected }),
  };
}
