import type { EafId } from './ids.ts';

/** The content of an EAF that transcripts need. Tiers, annotations and time slots are numbered from 0. */
export interface EafDocument {
  readonly media: readonly EafMedium[];
  /** How many milliseconds the unit of `slotTimes` has. */
  readonly unitMs: number;
  /** The times of the time slots, in the order of TIME_ORDER and in units of `unitMs`. NaN: the slot has no time. */
  readonly slotTimes: Float64Array;
  readonly tiers: readonly EafTier[];
  /** Whether the file has controlled vocabularies, or refers to some. */
  readonly hasVocabularies: boolean;
  /** The annotations of all tiers, in the order of the file. */
  readonly annotations: readonly EafAnnotation[];
}

/** A place in the file, from 1. */
export interface EafPlace {
  readonly line: number;
  readonly column: number;
}

/** A recording or film that belongs to the file. */
export interface EafMedium extends EafPlace {
  /** Names of its file, without folders, which are those of another computer. Empty: the EAF does not say it. */
  readonly names: readonly string[];
  /** TIME_ORIGIN in milliseconds: the time of an annotation plus this is its time in this recording. */
  readonly originMs: number;
}

export interface EafTier extends EafPlace {
  readonly name: string;
  /** Name of its tier type. */
  readonly type: string;
  readonly participant: string | null;
  /** Name of the tier that it depends on; null: none. */
  readonly parent: string | null;
  /** Its annotations have the numbers `from` to `to` - 1. */
  readonly from: number;
  readonly to: number;
}

export interface EafAnnotation extends EafPlace {
  readonly id: EafId;
  /** Number of its tier. */
  readonly tier: number;
  readonly value: string;
  /** Numbers of its time slots; null: it gets its time from the annotation to which it refers. */
  readonly startSlot: number | null;
  readonly endSlot: number | null;
  /** Id of the annotation to which it refers; null: it has time slots. */
  readonly ref: EafId | null;
  /** Id of the annotation before it, among those that refer to the same annotation; null: none is named. */
  readonly previous: EafId | null;
}
