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

/** The input of MFA, and what its neutral names stand for. */
export interface MfaCorpus {
  /** Folder with `f1.wav`, `f1.TextGrid`, `f2.wav`, ... Its name is never used again. */
  readonly dir: string;
  readonly dictionaryPath: string;
  readonly files: readonly MfaFile[];
  readonly speakerCount: number;
  /** Seconds of audio that will be aligned. */
  readonly speechSec: number;
  /** The word that a label of the output stands for; null: silence, or not one of our tokens. */
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
 * Writes the corpus and the dictionary for one start of MFA 1 or 2, with all files and tiers of a request.
 *
 * - Each tier of each file has its own speaker, unless the request has the same `speaker` for several: MFA adapts to speakers, and
 *   takes equal names for the same speaker.
 * - Each word is a token of plain letters. MFA changes and splits words at apostrophes, hyphens, brackets and other characters that
 *   its version takes for punctuation, and what it then does not find becomes `<unk>`. The alignment only uses the
 *   pronunciations, so the boundaries are those of the words.
 * - The name of the corpus folder is new each time. MFA 1 uses it as the key of its cache, and would return the words of an earlier
 *   run.
 *
 * @param workDir - an empty folder for this start alone
 * @param toLine - changes a dictionary line (`TOKEN<TAB>P1 P2`) to what this MFA can read
 * @throws TaskError E_CONFIG when MFA might not use the path as it is; system errors
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
    // MFA writes words in lower case.
    wordOf: (label) => words.wordOf(label.toUpperCase()),
  };
}

/** Names the files that have words: with a file without words, MFA 1.1 would lose that file or fail. */
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
