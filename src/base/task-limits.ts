/** What one task may ask of the machine at most; more fails with E_LIMIT before its engine starts. */
export interface TaskLimits {
  /** Of all kinds, in the task's folder. */
  readonly fileCount: number;
  /** Of all files in the task's folder together. */
  readonly inputBytes: number;
  readonly audioSec: number;
  /** On all interval tiers of all transcripts, empty ones too. */
  readonly intervalCount: number;
  /** In one interval, for each begun minute of it. */
  readonly labelChars: number;
  /** In the user's dictionary. */
  readonly dictionaryLines: number;
  readonly resultBytes: number;
}
