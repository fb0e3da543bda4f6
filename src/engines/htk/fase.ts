import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import type { TextGrid } from '../../formats/textgrid/model.ts';
import { fillGaps, writeTextGrid } from '../../formats/textgrid/write.ts';
import type { Interval } from '../../formats/tiers.ts';
import type { AlignedWord, AlignmentFile, Engine } from '../engine.ts';
import { engineEnvironment } from '../environment.ts';
import { placeFile } from '../exchange/place-file.ts';
import { parseOutput, readSpeaker } from '../exchange/speaker-tiers.ts';
import { createWordTokens, type WordTokens } from '../exchange/word-tokens.ts';
import type { EngineKind } from '../kind.ts';
import { engineFailed } from '../process/failure.ts';
import { runProcess } from '../process/run-process.ts';
import { checkFase } from './fase-health.ts';
import { askFaseOptions } from './fase-options.ts';
import { pronounceByRules } from './fase-rules.ts';
import { watchHtkFaults } from './faults.ts';
import { alignInParts, type FilePart, findLost, halve, type PartOutcome, splitByTier } from './file-parts.ts';
import { alignPerFile, type FileContext } from './per-file.ts';
import type { FaseSettings } from './settings.ts';
import { makeSpeakerOf, type SpeakerOf } from './speakers.ts';

export const FASE: EngineKind = {
  name: 'FASE',
  setting: { name: 'FASE', takes: 'program', meaning: 'the path of the program faseAlign' },
  needsModel: false,
  create: ({ place, launcher, env }) => createFase({ command: place, launcher, env }),
};

/** What all starts for one file need. */
interface FaseFile {
  readonly settings: FaseSettings;
  readonly file: AlignmentFile;
  readonly context: FileContext;
  readonly words: WordTokens;
  readonly speakerOf: SpeakerOf;
  readonly dictionaryOption: '-d' | '-m';
}

/** Entries for silence, which a dictionary must have if it replaces that of faseAlign. */
const FIXED_ENTRIES = ['sp sp', '{SIL} sil'];
/** Letters of tokens that are added to faseAlign's own dictionary, which has no word of six letters that begins with XA. */
const MIN_LETTERS_BESIDE_ITS_WORDS = 5;
/** Python's message if a whole tier has no aligned word. The cause is the audio of its first utterance. */
const EMPTY_TIER = /^ValueError: min\(\).* (empty sequence|argument is empty)$/;
/** The file to which faseAlign writes the words that it did not find in the dictionary. */
const MISSING_WORDS = 'a.missing';

/**
 * faseAlign 1.1.x, one start per file, 0.016 times the length of the audio. It writes nothing while it works. With an utterance that
 * it cannot align, it may lose the later utterances of the tier (exit status 0). If it is the first one of a tier, it may fail for
 * the whole file (exit status 1). It is started again for what was lost.
 *
 * Words without a pronunciation cannot be aligned: the model has no phone for them.
 * @internal
 */
export function createFase(settings: FaseSettings): Engine {
  return {
    name: 'FASE',
    // Only the rate of its model: at a higher rate it resamples with sox, which adds dither; a lower rate it does not resample,
    // and aligns worse.
    audio: { minHz: 11_025, maxHz: 11_025, resampleToHz: 11_025 },
    unknownPhone: null,
    cost: { startSec: 0.45, startsFor: 'recording', perSpeechSec: 0.016 },
    builtInLanguages: [],
    check: (signal) => checkFase(settings, signal),
    align: async (request, context) => {
      const { dictionary: dictionaryOption } = await askFaseOptions(settings, context.signal);
      if (dictionaryOption === null)
        throw new TaskError(
          'E_ENGINE_FAILED',
          'faseAlign --help names neither -d nor -m, or did not answer: expected one of them; run "make doctor"',
        );
      const words = createWordTokens(
        request.pronunciations,
        ...(dictionaryOption === '-m' ? [MIN_LETTERS_BESIDE_ITS_WORDS] : []),
      );
      return alignPerFile(request, context, (file, fileContext) => {
        const run = {
          settings,
          file,
          context: fileContext,
          words,
          speakerOf: makeSpeakerOf(file),
          dictionaryOption,
        };
        return alignInParts(file, (part, number) => alignPart(run, part, number), fileContext.note);
      });
    },
    pronounceByRules: (words, context) => pronounceByRules(settings, words, context),
  };
}

async function alignPart(run: FaseFile, part: FilePart, number: number): Promise<PartOutcome> {
  const { settings, file, context } = run;
  const dir = path.join(context.dir, `p${number}`);
  await writeInput(run, part, dir);
  const faults = watchHtkFaults('faseAlign');
  let isEmptyTier = false;
  const [command = settings.command, ...args] = [
    ...settings.launcher,
    settings.command,
    ...[run.dictionaryOption, 'd.dict', '-w', 'a.wav', '-t', 'a.TextGrid', '-o', 'o', '-n', 'r'],
  ];
  const result = await runProcess({
    ...context,
    name: 'faseAlign',
    argv: [command, ...args],
    cwd: dir,
    env: engineEnvironment({ HOME: dir, TMPDIR: dir }, settings.env),
    timeoutSec: context.leftSec(),
    // It writes nothing while it works, and needs more time for longer audio.
    silenceSec: context.silenceSec + file.durationSec,
    onLine: (line) => {
      faults.read(line);
      isEmptyTier ||= EMPTY_TIER.test(line);
    },
  });
  if (result.exitCode === 0) {
    const output = await readIfThere(path.join(dir, 'o', 'r.TextGrid'));
    if (output === null) return { words: new Map(), again: [], fault: engineFailed('faseAlign', result) };
    const words = await readWords(run, output);
    const untried = findUntried(part, words);
    const isFruitless = [...words.values()].every((found) => found.length === 0);
    return { words, again: isFruitless ? halve(untried) : [untried], fault: null };
  }
  const unknown = await readIfThere(path.join(dir, MISSING_WORDS));
  if (unknown !== null) throw wordsNotFound(run, unknown);
  const tiers = [...splitByTier(part).values()];
  const again =
    tiers.length > 1 ? halve(tiers).map((half) => half.flat()) : halveUtterances(part, isEmptyTier);
  if (!isEmptyTier) return { words: new Map(), again, fault: faults.explain(result) };
  const suspicion = faults.suspect();
  return { words: new Map(), again, fault: null, ...(suspicion === null ? {} : { suspicion }) };
}

/** Halves the utterances of one tier. If the tier came back empty, its first utterance is bad, and is left out. */
function halveUtterances(part: FilePart, isEmptyTier: boolean): FilePart[] {
  if (isEmptyTier) return halve(part.slice(1));
  return part.length > 1 ? halve(part) : [];
}

/**
 * Writes the input of a start to a folder of its own: faseAlign deletes OUTDIR/tmp, so that two runs in one folder fail. All names
 * are relative, since faseAlign fails with a blank or a quote in OUTDIR.
 */
async function writeInput(run: FaseFile, part: FilePart, dir: string): Promise<void> {
  const used = part.flatMap(({ utterance }) => utterance.words);
  const entries = run.words.dictionaryOf(used, ' ');
  const dictionary = run.dictionaryOption === '-d' ? [...entries, ...FIXED_ENTRIES] : entries;
  await mkdir(path.join(dir, 'o'), { recursive: true });
  await Promise.all([
    writeFile(path.join(dir, 'a.TextGrid'), writeTextGrid(toTextGrid(run, part))),
    writeFile(path.join(dir, 'd.dict'), `${dictionary.join('\n')}\n`),
    placeFile(run.file.audioPath, path.join(dir, 'a.wav')),
  ]);
}

/** A TextGrid with one tier per speaker of the part. A tier without words would fail the whole file, so there is none. */
function toTextGrid({ file, words, speakerOf }: FaseFile, part: FilePart): TextGrid {
  const whole = { startSec: 0, endSec: file.durationSec };
  const tiers = [...splitByTier(part)].map(([tierId, utterances]) => ({
    kind: 'interval' as const,
    name: speakerOf(tierId),
    ...whole,
    intervals: fillGaps(
      utterances.map(
        ({ utterance }): Interval => ({
          startSec: utterance.startSec,
          endSec: utterance.endSec,
          text: utterance.words.map(words.tokenOf).join(' '),
        }),
      ),
      0,
      file.durationSec,
    ),
  }));
  return { ...whole, tiers };
}

/** Finds the tiers by their names, since faseAlign sorts its speakers (S10 before S2). */
async function readWords(
  { file, words, speakerOf }: FaseFile,
  output: string,
): Promise<Map<string, AlignedWord[]>> {
  const grid = await parseOutput(output, 'faseAlign');
  return new Map(
    file.tiers.map(({ id }) => {
      const speaker = speakerOf(id);
      const names = { words: `${speaker} : words`, phones: `${speaker} : phones` };
      return [id, readSpeaker(grid, names, words.wordOf)];
    }),
  );
}

/**
 * Utterances that may have been lost because of another one: in each tier, those after the last utterance with words, without the
 * first of them, which caused the loss. Utterances without words before that were tried.
 */
function findUntried(part: FilePart, words: PartOutcome['words']): FilePart {
  const lost = new Set(findLost(part, words));
  return [...splitByTier(part).values()].flatMap((utterances) =>
    utterances.slice(utterances.findLastIndex((one) => !lost.has(one)) + 2),
  );
}

function wordsNotFound({ words }: FaseFile, missing: string): TaskError {
  const names = missing.split(/\s+/).filter((token) => token !== '');
  const list = names.map((token) => words.wordOf(token) ?? token).join(', ');
  return new TaskError(
    'E_ENGINE_FAILED',
    `faseAlign did not find words in the dictionary that it was given: ${list}; expected faseAlign 1.1 at the path in FASE`,
  );
}

async function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}
