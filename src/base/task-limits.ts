/** The limits of one task. A task over one of them fails with E_LIMIT, for its input before its engine starts. */
export interface TaskLimits {
  /** Files of any kind in the task's folder. */
  readonly fileCount: number;
  /** Of all files in the task's folder together. */
  readonly inputBytes: number;
  readonly audioSec: number;
  /** On all interval tiers of all transcripts, empty ones too. */
  readonly intervalCount: number;
  /** Of the label of one interval, for each begun minute of it. */
  readonly labelChars: number;
  /** Of the user's dictionary. */
  readonly dictionaryLines: number;
  readonly resultBytes: number;
}
