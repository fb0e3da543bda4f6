import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { toTaskError } from '../../base/errors.ts';
import type { AlignedTier, AlignedWord, Utterance } from '../engine.ts';
import { type OutputTiers, parseOutput, readSpeaker } from '../exchange/speaker-tiers.ts';
import type { MfaCorpus, MfaFile, MfaSpeaker } from './corpus.ts';

export interface MfaOutput {
  readonly tiers: readonly AlignedTier[];
  /** A line for each file that cannot be read. */
  readonly faults: readonly string[];
}

/** MFA 1's label for a word that is not in its dictionary. MFA 2 writes the word itself. */
const UNKNOWN_WORD = '<unk>';

/**
 * Reads the output folder of MFA: `<stem>.TextGrid` with the tiers `<speaker> - words` and `<speaker> - phones`. If a file has one
 * aligned speaker, MFA 2 names them `words` and `phones`. Silence and words outside the given utterances are dropped. Missing
 * tiers and files are left out.
 */
export async function readMfaOutput(outDir: string, corpus: MfaCorpus): Promise<MfaOutput> {
  const tiers: AlignedTier[] = [];
  const faults: string[] = [];
  for (const file of corpus.files) {
    const name = `${file.stem}.TextGrid`;
    const text = await readIfThere(path.join(outDir, name));
    if (text === null) continue;
    try {
      tiers.push(...readFileTiers(await parseOutput(text, 'MFA'), file, corpus));
    } catch (error) {
      faults.push(`${name}: ${toTaskError(error).message}`);
    }
  }
  return { tiers, faults };
}

function readFileTiers(output: OutputTiers, file: MfaFile, corpus: MfaCorpus): AlignedTier[] {
  const read = (words: string, phones: string): AlignedWord[] =>
    readSpeaker(output, { words, phones }, (label) =>
      label === UNKNOWN_WORD ? label : corpus.wordOf(label),
    );
  const unnamed = read('words', 'phones');
  const owner = unnamed.length > 0 ? findOwner(unnamed, file.speakers) : null;
  return file.speakers.flatMap((speaker) => {
    const found = speaker === owner ? unnamed : read(`${speaker.name} - words`, `${speaker.name} - phones`);
    const words = byUtterance(found, speaker.utterances).flatMap(nameWords);
    return words.length > 0 ? [{ fileId: file.fileId, tierId: speaker.tierId, words }] : [];
  });
}

/** The speaker of words in a tier without a name: the one whose utterances have these words. Null: it cannot be decided. */
function findOwner(words: readonly AlignedWord[], speakers: readonly MfaSpeaker[]): MfaSpeaker | null {
  const [best, second] = speakers
    .map((speaker) => ({ speaker, score: byUtterance(words, speaker.utterances).filter(isSpelled).length }))
    .sort((a, b) => b.score - a.score);
  return best === undefined || best.score === second?.score ? null : best.speaker;
}

/** The aligned words of one utterance. */
interface Spoken {
  readonly utterance: Utterance;
  readonly words: readonly AlignedWord[];
}

/** Gives each utterance the words whose middle lies in it. Both lists are in time order. */
function byUtterance(words: readonly AlignedWord[], utterances: readonly Utterance[]): Spoken[] {
  let next = 0;
  const takeUntil = (limitSec: number): readonly AlignedWord[] => {
    const first = next;
    while (next < words.length && middleSec(words[next]) < limitSec) next += 1;
    return words.slice(first, next);
  };
  return utterances.map((utterance) => {
    takeUntil(utterance.startSec);
    return { utterance, words: takeUntil(utterance.endSec) };
  });
}

function isSpelled({ utterance, words }: Spoken): boolean {
  return (
    words.length === utterance.words.length &&
    words.every(({ label }, i) => label === UNKNOWN_WORD || label === utterance.words[i])
  );
}

/** Replaces UNKNOWN_WORD by the word at this place of the utterance. If words are missing, the place is unknown: it is dropped. */
function nameWords({ utterance, words }: Spoken): AlignedWord[] {
  const isWhole = words.length === utterance.words.length;
  return words.flatMap((word, i) => {
    if (word.label !== UNKNOWN_WORD) return [word];
    const label = isWhole ? utterance.words[i] : undefined;
    return label === undefined ? [] : [{ ...word, label }];
  });
}

function middleSec(word: AlignedWord | undefined): number {
  return word === undefined ? Number.POSITIVE_INFINITY : (word.startSec + word.endSec) / 2;
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return null;
  }
}
