import path from 'node:path';
import createModule, { type Decoder, type Segment, type SoundSwallowerModule } from 'soundswallower';
import type { HeardWord } from './anchors.ts';
import {
  dictionaryEntries,
  isUnknown,
  type ReadWords,
  readWords,
  toGrammar,
  type Vocabulary,
} from './grammar.ts';
import { SAMPLE_RATE_HZ } from './job.ts';
import { BREAK_TOKEN, readHeard, type SearchGraph, toSearchGraph } from './search-graph.ts';

export interface SearchRequest {
  /** Mono at SAMPLE_RATE_HZ, -1 to 1. */
  readonly samples: Float32Array;
  /** Word numbers. */
  readonly words: readonly number[];
}

export interface DecodeRequest extends SearchRequest {
  /** `false`: the audio may end before the words do; then fewer words come back. */
  readonly isWhole: boolean;
  /** Without phones, a word comes back as one phone of its whole length, for a fraction of the memory. */
  readonly withPhones: boolean;
}

/**
 * `narrow` follows likely paths only. `wide` follows all, so that it finds one through any audio long enough for the
 * words; of texts with unknown words still most, since there all would take ten times the time and memory.
 */
export type Beam = 'narrow' | 'wide';

export interface SphinxDecoder {
  /**
   * @returns null when there is no path through the audio from the first word to the last
   * @throws WebAssembly.RuntimeError after which the decoder, and so the process, is of no more use
   */
  decode(request: DecodeRequest, beam: Beam): Promise<ReadWords | null>;
  /**
   * What is spoken, in words of the text where they fit: in any order, any of them, with other speech in between.
   * @returns seconds from the first sample; nothing when there is nothing to be heard
   * @throws WebAssembly.RuntimeError as `decode`
   */
  search(request: SearchRequest): Promise<HeardWord[]>;
}

/**
 * Chance of a silence between two words, given up by a preset of 0.005. With it, 97 instead of 94 to 96 % of the word
 * boundaries of synthetic speech were found within 50 ms.
 */
const SILENCE_CHANCE = 0.5;
/**
 * A path at which no file can be. Otherwise the package's own dictionary is read, which takes longer than everything
 * else.
 */
const NO_DICTIONARY = '/dev/null/none';
/**
 * Paths less likely than the best by these factors are given up, and those over a number. A search has paths without end
 * in noise, where they are limited: 30 s of speech at 10 dB took 5.9 s without and 2.7 s with it.
 */
const NO_LIMIT = 30_000;
const BEAMS = {
  narrow: { beam: 1e-48, wbeam: 7e-29, pbeam: 1e-48, maxhmmpf: NO_LIMIT },
  wide: { beam: 0, wbeam: 0, pbeam: 0, maxhmmpf: NO_LIMIT },
  wideWithUnknown: { beam: 1e-120, wbeam: 1e-90, pbeam: 1e-120, maxhmmpf: NO_LIMIT },
  search: { beam: 1e-48, wbeam: 1e-28, pbeam: 1e-48, maxhmmpf: 1000 },
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
  const setBeams = (width: keyof typeof BEAMS) => {
    for (const [name, value] of Object.entries(BEAMS[width])) decoder.set_config(name, value);
  };
  return {
    decode: async (request, beam) => {
      const hasUnknown = request.words.some((word) => isUnknown(word, vocabulary));
      setBeams(beam === 'wide' && hasUnknown ? 'wideWithUnknown' : beam);
      const grammar = toGrammar(request.words, vocabulary, { hasShortLoops: !request.withPhones });
      const found = orNull(() => {
        decoder.set_grammar(grammar);
        return run(decoder, request);
      });
      return found === null ? null : readWords(found, request.words, request.isWhole);
    },
    search: async (request) => {
      setBeams('search');
      decoder.set_config('maxhmmpf', BEAMS.search.maxhmmpf + request.words.length);
      const graph = toSearchGraph(request.words, vocabulary);
      const found = orNull(() => {
        setGraph(module as unknown as GraphModule, decoder, graph);
        return run(decoder, { ...request, isWhole: false, withPhones: false });
      });
      return found === null ? [] : readHeard(found);
    },
  };
}

/** An error of any kind means that the decoder found no path. */
function orNull<Result>(work: () => Result): Result | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && error.name === 'RuntimeError') throw error;
    return null;
  }
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
  const entries: [string, string][] = [...dictionaryEntries(vocabulary), [BREAK_TOKEN, 'SIL']];
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

/** The decoder's C functions, which its own types leave out. */
interface GraphModule {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _decoder_logmath(decoder: number): number;
  _fsg_model_init(name: number, logmath: number, languageWeight: number, stateCount: number): number;
  _fsg_set_states(graph: number, start: number, final: number): void;
  _fsg_model_word_add(graph: number, word: number): number;
  _fsg_model_trans_add(graph: number, from: number, to: number, logChance: number, word: number): void;
  _fsg_model_null_trans_add(graph: number, from: number, to: number, logChance: number): number;
  _decoder_set_fsg(decoder: number, graph: number): number;
}

/** The decoder frees the graph when it gets the next one. */
function setGraph(module: GraphModule, decoder: Decoder, graph: SearchGraph): void {
  const handle = (decoder as unknown as { readonly cdecoder: number }).cdecoder;
  const weight = Number(decoder.get_config('lw'));
  const unit = Math.log(Number(decoder.get_config('logbase')));
  const withText = (text: string, use: (pointer: number) => number): number => {
    const bytes = new TextEncoder().encode(`${text}\0`);
    const pointer = module._malloc(bytes.length);
    module.HEAPU8.set(bytes, pointer);
    const result = use(pointer);
    module._free(pointer);
    return result;
  };
  const logmath = module._decoder_logmath(handle);
  const model = withText('search', (name) => module._fsg_model_init(name, logmath, weight, graph.stateCount));
  module._fsg_set_states(model, graph.startState, graph.finalState);
  const tokens = new Map<string, number>();
  for (const { from, to, token, chance } of graph.arcs) {
    const logChance = Math.round((Math.log(chance) / unit) * weight);
    if (token === null) {
      module._fsg_model_null_trans_add(model, from, to, logChance);
      continue;
    }
    const word = tokens.get(token) ?? withText(token, (text) => module._fsg_model_word_add(model, text));
    tokens.set(token, word);
    module._fsg_model_trans_add(model, from, to, logChance, word);
  }
  if (module._decoder_set_fsg(handle, model) < 0) throw new Error('the decoder does not take the graph');
}
