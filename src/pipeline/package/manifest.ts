import type { Warning } from '../../base/errors.ts';
import type { ResultFormatName } from '../../base/result-kinds.ts';
import { storableJson } from '../../base/storable-text.ts';
import { programVersion } from '../../base/version.ts';
import { RESULT_WRITERS } from '../../formats/result-formats.ts';
import type { PipelinePolicy } from '../stage.ts';

/** What the package stage knows about a finished task, as the texts of the zip need it. */
export interface PackageFacts {
  readonly prepared: {
    readonly language: { readonly code: string; readonly displayName: string; readonly alphabet: string };
    readonly engine: { readonly name: string };
    readonly counts: {
      readonly wordCount: number;
      readonly missingWordCount: number;
      readonly audioSec: number;
    };
  };
  readonly recordings: readonly PackagedRecording[];
  /** Files about the whole task. */
  readonly outputs: readonly PackagedOutput[];
  readonly warnings: readonly Warning[];
  readonly policy: PipelinePolicy;
  readonly engineVersion: string | null;
  /** The engine that cut intervals for this one, and how many; null: none was cut. */
  readonly cut: {
    readonly engine: string;
    readonly version: string | null;
    readonly intervals: number;
  } | null;
}

export interface PackagedRecording {
  readonly recording: {
    readonly name: string;
    readonly audio: PackagedInput;
    readonly transcript: PackagedInput;
    readonly wav: {
      readonly durationSec: number;
      readonly sampleRateHz: number;
      readonly channelCount: number;
    };
  };
  /** Its name in the zip, without the folder of an alphabet and without extension. */
  readonly entryName: string;
  readonly outputs: readonly PackagedOutput[];
  readonly tiers: readonly {
    readonly name: string;
    /** Name of its channel, if they were split. */
    readonly channel?: string;
    readonly intervals: number;
    readonly intervalsAligned: number;
    readonly words: number;
    readonly wordsAligned: number;
  }[];
}

/** A file of the zip that a format wrote. */
export interface PackagedOutput {
  readonly name: string;
  readonly format: ResultFormatName;
  readonly sha256: string;
}

interface PackagedInput {
  readonly originalName: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * `manifest.json`: what a program needs to check or repeat the result. It holds no time, host or task number, so that equal
 * inputs give equal bytes.
 */
export function makeManifest({
  prepared,
  recordings,
  outputs,
  warnings,
  policy,
  engineVersion,
  cut,
}: PackageFacts): string {
  const { language, engine, counts } = prepared;
  const manifest = {
    format: 2,
    program: { name: 'autophon', version: programVersion() },
    engine: { name: engine.name, version: engineVersion },
    cut,
    language: { code: language.code, name: language.displayName, alphabet: language.alphabet },
    settings: policy,
    formats: policy.formats.map((name) => ({ name, files: RESULT_WRITERS[name].files(language) })),
    totals: {
      files: recordings.length,
      words: counts.wordCount,
      wordsUnknown: counts.missingWordCount,
      audioSec: counts.audioSec,
    },
    outputs: outputs.map(output),
    files: recordings.map(({ recording, outputs: own, tiers }) => ({
      name: recording.name,
      verdict: verdictOf(tiers),
      audio: { ...input(recording.audio), ...recording.wav },
      transcript: input(recording.transcript),
      tiers,
      outputs: own.map(output),
    })),
    warnings,
  };
  return `${storableJson(manifest, 2)}\n`;
}

/** How a file came out: `complete`, or `partial` when intervals or words were lost, or `empty` when all were. */
export function verdictOf(tiers: PackagedRecording['tiers']): 'complete' | 'partial' | 'empty' {
  const isComplete = tiers.every(
    ({ intervals, intervalsAligned, words, wordsAligned }) =>
      intervals === intervalsAligned && words === wordsAligned,
  );
  if (isComplete) return 'complete';
  return tiers.every(({ intervalsAligned }) => intervalsAligned === 0) ? 'empty' : 'partial';
}

function input({ originalName, sha256, bytes }: PackagedInput) {
  return { name: originalName, sha256, bytes };
}

function output({ name, format, sha256 }: PackagedOutput) {
  return { name, format, sha256 };
}
