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
  /** Whether all words must be in the audio. If not, the audio may end before the words, and fewer words are returned. */
  readonly isWhole: boolean;
  /** Without phones, each word has one phone of its whole length. This needs much less memory. */
  readonly withPhones: boolean;
}

/**
 * Which paths the decoder follows. `narrow`: only likely ones. `wide`: all, so that it finds a path through any audio that is long
 * enough; with unknown words only most of them, since all would take ten times the time and memory.
 */
export type Beam = 'narrow' | 'wide';

export interface SphinxDecoder {
  /**
   * Finds the words in their order.
   * @returns null: there is no path through the audio from the first word to the last
   * @throws WebAssembly.RuntimeError after which the decoder, and so the process, cannot be used any more
   */
  decode(request: DecodeRequest, beam: Beam): Promise<ReadWords | null>;
  /**
   * Finds words of the text that are spoken, in any order, and other speech.
   * @returns with seconds from the first sample; empty if nothing is heard
   * @throws WebAssembly.RuntimeError as `decode`
   */
  search(request: SearchRequest): Promise<HeardWord[]>;
}

/**
 * Chance of a silence between two words; the decoder's default is 0.005. With it, 97 % of the word boundaries of synthetic speech
 * were found within 50 ms, with the default 94 to 96 %.
 */
const SILENCE_CHANCE = 0.5;
/** A path where no file can exist. Otherwise the decoder would read the dictionary of the package, which takes most of the time. */
const NO_DICTIONARY = '/dev/null/none';
/**
 * Paths that are less likely than the best one by these factors are dropped, and so are paths above the number `maxhmmpf`. In
 * noise, a search has very many paths: 30 s of speech at 10 dB took 5.9 s without a limit of their number, and 2.7 s with it.
 */
const NO_LIMIT = 30_000;
const BEAMS = {
  narrow: { beam: 1e-48, wbeam: 7e-29, pbeam: 1e-48, maxhmmpf: NO_LIMIT },
  wide: { beam: 0, wbeam: 0, pbeam: 0, maxhmmpf: NO_LIMIT },
  wideWithUnknown: { beam: 1e-120, wbeam: 1e-90, pbeam: 1e-120, maxhmmpf: NO_LIMIT },
  search: { beam: 1e-48, wbeam: 1e-28, pbeam: 1e-48, maxhmmpf: 1000 },
};
/** The decoder makes its tables again in each call, so each call adds many entries. */
const ENTRIES_PER_CALL = 500;

/**
 * Makes a decoder of SoundSwallower for one acoustic model and a list of words.
 * @param modelDir - folder of the acoustic model
 * @throws Error when the model cannot be loaded
 */
export async function createDecoder(modelDir: string, vocabulary: Vocabulary): Promise<SphinxDecoder> {
  // The types of the package do not have these options.
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

/** Any error other than a RuntimeError means that the decoder found no path. */
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
    // Before `stop`, the best path may end at any word; after it, only at the last one.
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
      // If the model lacks one phone, the whole call fails: add the entries one by one.
      for (const entry of batch) addAlone(decoder, entry);
    }
  }
}

function addAlone(decoder: Decoder, entry: [string, string]): void {
  try {
    if (decoder.lookup_word(entry[0]) === null) decoder.add_words(entry);
  } catch {
    process.stderr.write(`pronunciation "${entry[1]}" has a phone that the model does not have\n`);
  }
}

/** C functions of the decoder that are not in the types of the package. */
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

/** Gives the decoder a graph. The decoder frees it when it gets the next one. */
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
  if (module._decoder_set_fsg(handle, model) < 0) throw new Error('the decoder refused the graph');
}
