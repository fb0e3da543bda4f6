import type { EafId } from './ids.ts';

/** The content of an EAF that transcripts need. Tiers, annotations and time slots are numbered from 0. */
export interface EafDocument {
  readonly media: readonly EafMedium[];
  /** The unit of `slotTimes`, in milliseconds. */
  readonly unitMs: number;
  /** The times of the time slots, in the order of TIME_ORDER. NaN: the file has no time for the slot. */
  readonly slotTimes: Float64Array;
  readonly tiers: readonly EafTier[];
  /** Whether it has controlled vocabularies, or refers to some. */
  readonly hasVocabularies: boolean;
  /** Of all tiers, in the order of the file. */
  readonly annotations: readonly EafAnnotation[];
}

/** A place in the file, from 1. */
export interface EafPlace {
  readonly line: number;
  readonly column: number;
}

/** A recording or film that belongs to the file. */
export interface EafMedium extends EafPlace {
  /** Names of its file, without folders: the folders are those of another computer. */
  readonly names: readonly string[];
  /** Offset in milliseconds from times of annotations to times in this recording. */
  readonly originMs: number;
}

export interface EafTier extends EafPlace {
  readonly name: string;
  /** Name of its tier type. */
  readonly type: string;
  readonly participant: string | null;
  /** Name of the tier that it depends on; null: none. */
  readonly parent: string | null;
  /** The numbers of its annotations: from `from` to before `to`. */
  readonly from: number;
  readonly to: number;
}

export interface EafAnnotation extends EafPlace {
  readonly id: EafId;
  /** Number of its tier. */
  readonly tier: number;
  readonly value: string;
  /** Numbers of its time slots; null: it has the time of another annotation. */
  readonly startSlot: number | null;
  readonly endSlot: number | null;
  /** Id of the annotation that it refers to. */
  readonly ref: EafId | null;
  /** Id of the annotation before it, among those that refer to the same one. */
  readonly previous: EafId | null;
}
