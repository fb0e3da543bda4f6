import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inTurns } from '../../base/pieces.ts';
import type { TextGrid } from '../../formats/textgrid/model.ts';
import { fillGaps, writeTextGridInPieces } from '../../formats/textgrid/write.ts';
import type { Interval } from '../../formats/tiers.ts';
import type { AlignmentFile, AlignmentRequest, AlignmentTier, Utterance } from '../engine.ts';
import { placeFile } from '../exchange/place-file.ts';
import { createWordTokens, type WordTokens } from '../exchange/word-tokens.ts';
import { assertPlainPath } from './dirs.ts';

/** What MFA is given, and the way back from its neutral names. */
export interface MfaCorpus {
  /** Folder of `f1.wav`, `f1.TextGrid`, `f2.wav`, ...; its own name occurs only once. */
  readonly dir: string;
  readonly dictionaryPath: string;
  readonly files: readonly MfaFile[];
  readonly speakerCount: number;
  /** Seconds of audio that will be aligned. */
  readonly speechSec: number;
  /** The word that a label of the output stands for; null: silence, or nothing that was given to MFA. */
  readonly wordOf: (label: string) => string | null;
}

export interface MfaFile {
  readonly stem: string;
  readonly fileId: string;
  readonly speakers: readonly MfaSpeaker[];
}

/** One tier of one file. */
export interface MfaSpeaker {
  readonly name: string;
  readonly tierId: string;
  readonly utterances: readonly Utterance[];
}

/**
 * Writes corpus and dictionary for one start of MFA 1 or 2, holding all files and tiers of a request.
 *
 * - Every tier of every file is a speaker of its own, unless the request says otherwise: MFA adapts to speakers and
 *   pools those of equal name.
 * - Every word is a token of plain letters. MFA strips and splits words at apostrophes, hyphens, brackets and
 *   whatever else its version takes for punctuation, and what it then does not find is lost as `<unk>`. Only the
 *   pronunciations enter the alignment, so the boundaries are those of the words themselves.
 * - The corpus folder's name is new each time: MFA 1 keys its cache by it, and a second use gives the words of the first.
 *
 * @param workDir - empty and private to this start
 * @param toLine - last touch on each dictionary line (`TOKEN<TAB>P1 P2`)
 * @throws TaskError E_CONFIG when the path itself could harm the engine; E_IO, E_DISK_FULL by the system
 */
export async function writeMfaCorpus(
  request: AlignmentRequest,
  workDir: string,
  toLine: (line: string) => string,
): Promise<MfaCorpus> {
  assertPlainPath(workDir);
  const words = createWordTokens(request.pronunciations);
  const dir = path.join(workDir, `c${randomBytes(8).toString('hex')}`);
  const dictionaryPath = path.join(workDir, 'd.dict');
  const files = nameFiles(request.files);
  await mkdir(dir);
  for (const [source, file] of files) {
    await placeFile(source.audioPath, path.join(dir, `${file.stem}.wav`));
    const grid = toTextGrid(file, source.durationSec, words);
    await writeFile(path.join(dir, `${file.stem}.TextGrid`), await inTurns(writeTextGridInPieces(grid)));
  }
  const used = new Set(utterancesOf(files).flatMap((utterance) => utterance.words));
  const lines = words.dictionaryOf(used, '\t').map(toLine);
  await writeFile(dictionaryPath, `${lines.join('\n')}\n`);
  return {
    dir,
    dictionaryPath,
    files: files.map(([, file]) => file),
    speakerCount: new Set(files.flatMap(([, file]) => file.speakers.map(({ name }) => name))).size,
    speechSec: utterancesOf(files).reduce((sum, { startSec, endSec }) => sum + endSec - startSec, 0),
    // MFA gives its words back in lower case.
    wordOf: (label) => words.wordOf(label.toUpperCase()),
  };
}

/** Files with something to align: one without would make MFA 1.1 lose it, or fail the run. */
function nameFiles(files: readonly AlignmentFile[]): [AlignmentFile, MfaFile][] {
  const names = new Map<string | symbol, string>();
  const toSpeaker = (tier: AlignmentTier): MfaSpeaker => {
    const speaker = tier.speaker ?? Symbol(tier.id);
    const name = names.get(speaker) ?? `S${names.size + 1}`;
    names.set(speaker, name);
    return { name, tierId: tier.id, utterances: tier.utterances };
  };
  return files
    .map((file): [AlignmentFile, AlignmentTier[]] => [
      file,
      file.tiers.filter((tier) => tier.utterances.length > 0),
    ])
    .filter(([, tiers]) => tiers.length > 0)
    .map(([file, tiers], index) => [
      file,
      { stem: `f${index + 1}`, fileId: file.id, speakers: tiers.map(toSpeaker) },
    ]);
}

function toTextGrid(file: MfaFile, durationSec: number, words: WordTokens): TextGrid {
  const toInterval = ({ startSec, endSec, words: spoken }: Utterance): Interval => ({
    startSec,
    endSec,
    text: spoken.map(words.tokenOf).join(' ').toLowerCase(),
  });
  return {
    startSec: 0,
    endSec: durationSec,
    tiers: file.speakers.map((speaker) => ({
      kind: 'interval',
      name: speaker.name,
      startSec: 0,
      endSec: durationSec,
      intervals: fillGaps(speaker.utterances.map(toInterval), 0, durationSec),
    })),
  };
}

function utterancesOf(files: readonly (readonly [AlignmentFile, MfaFile])[]): Utterance[] {
  return files.flatMap(([, file]) => file.speakers.flatMap((speaker) => speaker.utterances));
}
