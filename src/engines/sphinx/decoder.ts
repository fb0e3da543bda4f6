import path from 'node:path';
import createModule, { type Decoder, type Segment, type SoundSwallowerModule } from 'soundswallower';
import {
  dictionaryEntries,
  isUnknown,
  type ReadWords,
  readWords,
  toGrammar,
  type Vocabulary,
} from './grammar.ts';
import { SAMPLE_RATE_HZ } from './job.ts';

export interface DecodeRequest {
  /** Mono at SAMPLE_RATE_HZ, -1 to 1. */
  readonly samples: Float32Array;
  /** Word numbers. */
  readonly words: readonly number[];
  /** `false`: the sound may end before the words do; then fewer words come back. */
  readonly isWhole: boolean;
  /** Without phones, a word comes back as one phone of its whole length, for a fraction of the memory. */
  readonly withPhones: boolean;
}

/**
 * `narrow` follows likely paths only. `wide` follows all, so that it finds one through any sound long enough for the
 * words; of texts with unknown words still most, since there all would take ten times the time and memory.
 */
export type Beam = 'narrow' | 'wide';

export interface SphinxDecoder {
  /**
   * @returns null when there is no path through the sound from the first word to the last
   * @throws WebAssembly.RuntimeError after which the decoder, and so the process, is of no more use
   */
  decode(request: DecodeRequest, beam: Beam): Promise<ReadWords | null>;
}

/**
 * Chance of a silence between two words, given up by a preset of 0.005. With it, 97 instead of 94 to 96 % of the word
 * boundaries of synthetic speech were found within 50 ms.
 */
const SILENCE_CHANCE = 0.5;
/** Where no file can be: else the package's own dictionary is read, which takes longer than all the rest. */
const NO_DICTIONARY = '/dev/null/none';
/** Paths less likely than the best by these factors are given up. */
const BEAMS = {
  narrow: { beam: 1e-48, wbeam: 7e-29, pbeam: 1e-48 },
  wide: { beam: 0, wbeam: 0, pbeam: 0 },
  wideWithUnknown: { beam: 1e-120, wbeam: 1e-90, pbeam: 1e-120 },
};
/** The decoder rebuilds its tables once per call. */
const ENTRIES_PER_CALL = 500;

/**
 * SoundSwallower's decoder for one acoustic model and a list of words.
 * @param modelDir - folder of the acoustic model
 * @throws Error when the model cannot be loaded
 */
export async function createDecoder(modelDir: string, vocabulary: Vocabulary): Promise<SphinxDecoder> {
  // The package's own types know nothing of the places of models.
  const create = createModule as (overrides: object) => Promise<SoundSwallowerModule>;
  const module = await create({
    modelBase: `${path.dirname(modelDir)}/`,
    defaultModel: path.basename(modelDir),
  });
  const decoder = new module.Decoder({
    samprate: SAMPLE_RATE_HZ,
    loglevel: 'FATAL',
    dict: NO_DICTIONARY,
    silprob: SILENCE_CHANCE,
  });
  await decoder.initialize();
  addWords(decoder, vocabulary);
  return {
    decode: async (request, beam) => {
      const hasUnknown = request.words.some((word) => isUnknown(word, vocabulary));
      const width = beam === 'wide' && hasUnknown ? 'wideWithUnknown' : beam;
      for (const [name, value] of Object.entries(BEAMS[width])) decoder.set_config(name, value);
      try {
        decoder.set_grammar(toGrammar(request.words, vocabulary));
        return readWords(run(decoder, request), request.words, request.isWhole);
      } catch (error) {
        // Everything else is how the decoder says that there is no path.
        if (error instanceof Error && error.name === 'RuntimeError') throw error;
        return null;
      }
    },
  };
}

function run(decoder: Decoder, { samples, isWhole, withPhones }: DecodeRequest): readonly Segment[] {
  const alignment = { align_level: withPhones ? 1 : 0 };
  decoder.start();
  let hasStopped = false;
  try {
    decoder.process_audio(samples, false, true);
    if (isWhole) {
      hasStopped = true;
      decoder.stop();
    }
    // Before the stop, the best path up to now may end at any word; after it, only at the last.
    return decoder.get_alignment(alignment).w ?? [];
  } finally {
    if (!hasStopped) decoder.stop();
  }
}

function addWords(decoder: Decoder, vocabulary: Vocabulary): void {
  const entries = dictionaryEntries(vocabulary);
  for (let at = 0; at < entries.length; at += ENTRIES_PER_CALL) {
    const batch = entries.slice(at, at + ENTRIES_PER_CALL);
    try {
      decoder.add_words(...batch);
    } catch {
      // One phone that the model does not have fails the whole call: find out which words are fine without it.
      for (const entry of batch) addAlone(decoder, entry);
    }
  }
}

function addAlone(decoder: Decoder, entry: [string, string]): void {
  try {
    if (decoder.lookup_word(entry[0]) === null) decoder.add_words(entry);
  } catch {
    process.stderr.write(`pronunciation "${entry[1]}" has a phone that the model does not know\n`);
  }
}
