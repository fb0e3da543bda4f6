import path from 'node:path';
import type { ErrorCode, Fault, Warning } from '../base/errors.ts';
import type { Span } from '../engines/stretches.ts';
import type { UnknownWord } from '../lexicon/unknown-words.ts';
import { isLong } from '../pipeline/align/cut.ts';
import type { InspectedPart, SourcedRecording } from '../pipeline/prepare/inspect-part.ts';
import type { PairedFiles } from '../pipeline/prepare/pairs.ts';

export interface CheckedCounts {
  /** Those that lack a transcript, and transcripts that lack a recording, count, too. */
  readonly recordingCount: number;
  /** Recordings without faults. */
  readonly readyCount: number;
  readonly tierCount: number;
  readonly wordCount: number;
  readonly missingWordCount: number;
  readonly audioSec: number;
  /** Length of all utterances. */
  readonly speechSec: number;
  /** Of those that are long. */
  readonly longSec: number;
  readonly inputBytes: number;
  /** The most frequent first. */
  readonly audio: readonly AudioKind[];
}

/** Recordings of one form. */
export interface AudioKind {
  readonly sampleRateHz: number;
  readonly channelCount: number;
  readonly recordingCount: number;
}

const UNPAIRED: readonly ErrorCode[] = ['E_TRANSCRIPT_MISSING', 'E_PAIR_UNCLEAR'];

/** Adds up the findings in the parts of a task. Nothing else of a part is kept. */
export class CheckedParts {
  readonly faults: Fault[] = [];
  readonly warnings: Warning[] = [];
  readonly missing: UnknownWord[] = [];
  readonly #files: (readonly string[])[] = [];
  readonly #audio = new Map<string, AudioKind>();
  #hasDictionary = false;
  #sums = { tierCount: 0, wordCount: 0, audioSec: 0, speechSec: 0, longSec: 0, inputBytes: 0 };

  /** Words of all parts together, whether known or not. */
  get wordCount(): number {
    return this.#sums.wordCount;
  }

  addFindings(faults: readonly Fault[], warnings: readonly Warning[]): void {
    for (const fault of faults) this.faults.push(fault);
    for (const warning of warnings) this.warnings.push(warning);
  }

  /** @param dir - folder that names in findings are relative to */
  add(recordings: readonly SourcedRecording[], part: InspectedPart, dir: string): void {
    if (!this.#hasDictionary) this.addFindings(part.dictionaryFaults, []);
    this.#hasDictionary = true;
    this.addFindings(part.faults, part.warnings);
    for (const word of part.missing) this.missing.push(word);
    for (const { recording, source } of recordings) {
      const transcript = 'path' in source ? path.relative(dir, source.path) : source.file.originalName;
      this.#files.push([path.relative(dir, recording.audio.path), transcript]);
    }
    for (const { wav } of part.pairs) this.#countAudio(wav);
    const utterances = part.pairs.flatMap(({ tiers }) => tiers.flatMap((tier) => tier.utterances));
    const { tierCount, wordCount, audioSec, inputBytes } = part.counts;
    this.#sums = {
      tierCount: this.#sums.tierCount + tierCount,
      wordCount: this.#sums.wordCount + wordCount,
      audioSec: this.#sums.audioSec + audioSec,
      speechSec: this.#sums.speechSec + sumSec(utterances),
      longSec: this.#sums.longSec + sumSec(utterances.filter(isLong)),
      inputBytes: this.#sums.inputBytes + inputBytes,
    };
  }

  /** @param refused - words for which the task would fail */
  count(gathered: PairedFiles, { refused }: { readonly refused: ReadonlySet<string> }): CheckedCounts {
    const faulty = new Set(this.faults.map(({ place }) => place?.file));
    for (const { word, file } of this.missing) if (refused.has(word)) faulty.add(file);
    const unpaired = gathered.faults.filter(({ code }) => UNPAIRED.includes(code)).length;
    return {
      recordingCount: gathered.recordings.length + unpaired,
      readyCount: this.#files.filter((files) => !files.some((file) => faulty.has(file))).length,
      ...this.#sums,
      missingWordCount: this.missing.length,
      audio: [...this.#audio.values()].sort((a, b) => b.recordingCount - a.recordingCount),
    };
  }

  #countAudio({ sampleRateHz, channelCount }: Pick<AudioKind, 'sampleRateHz' | 'channelCount'>): void {
    const key = `${sampleRateHz} ${channelCount}`;
    const recordingCount = (this.#audio.get(key)?.recordingCount ?? 0) + 1;
    this.#audio.set(key, { sampleRateHz, channelCount, recordingCount });
  }
}

function sumSec(spans: readonly Span[]): number {
  return spans.reduce((sec, { startSec, endSec }) => sec + endSec - startSec, 0);
}
