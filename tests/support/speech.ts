import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AlignmentFile, Utterance } from '../../src/engines/engine.ts';

export const SPEECH_DIR = path.resolve(import.meta.dirname, '../fixtures/speech');

export interface SpokenWord {
  readonly label: string;
  readonly startSec: number;
  readonly endSec: number;
}

export interface Sentence extends Utterance {
  /** With the synthesiser's own times. */
  readonly spoken: readonly SpokenWord[];
}

interface Times {
  readonly startSec: number;
  readonly endSec: number;
  readonly words: readonly (readonly [label: string, startSec: number, endSec: number])[];
}

/** The English sentences of tests/fixtures/speech by file. */
export const SENTENCES = readSentences();

/** Pronunciations of all their words, in the phones of the US English model. */
export const PRONUNCIATIONS = `a AH
a EY
all AO L
cat K AE T
clocks K L AA K S
different D IH F ER AH N T
different D IH F R AH N T
engine EH N JH AH N
handle HH AE N D AH L
leave L IY V
left L EH F T
nobody N OW B AA D IY
nobody N OW B AH D IY
on AA N
on AO N
please P L IY Z
saw S AO
show SH OW
sleeps S L IY P S
the DH AH
the DH IY
time T AY M
to T UW
to T AH
train T R EY N
turn T ER N
warm W AO R M`
  .split('\n')
  .map((line) => {
    const [word = '', ...phones] = line.split(' ');
    return { word, phones };
  });

/** A file with the first sentence on one tier and the second on another. */
export function speechFile(name: 'one' | 'two', id: string = name): AlignmentFile {
  return {
    id,
    audioPath: path.join(SPEECH_DIR, `${name}.wav`),
    sampleRateHz: 16_000,
    durationSec: SENTENCES[name].at(-1)?.endSec ?? 0,
    tiers: SENTENCES[name].map(({ startSec, endSec, words }, at) => ({
      id: `${id}-${at + 1}`,
      utterances: [{ startSec, endSec, words }],
    })),
  };
}

function readSentences(): Readonly<Record<'one' | 'two', readonly Sentence[]>> {
  const files = JSON.parse(readFileSync(path.join(SPEECH_DIR, 'times.json'), 'utf8'));
  const toSentences = (sentences: readonly Times[]): Sentence[] =>
    sentences.map(({ startSec, endSec, words }) => ({
      startSec,
      endSec,
      words: words.map(([label]) => label),
      spoken: words.map(([label, wordStartSec, wordEndSec]) => ({
        label,
        startSec: wordStartSec,
        endSec: wordEndSec,
      })),
    }));
  return { one: toSentences(files.one), two: toSentences(files.two) };
}
