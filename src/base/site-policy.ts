import type { Channels } from './channels.ts';
import type { ResultFormatName } from './result-kinds.ts';

/** `wide`: slower, and finds more of conversations and noisy recordings. */
export type Search = 'usual' | 'wide';

/** How a site processes tasks that do not choose for themselves. */
export interface SitePolicy {
  /** Whether a word without pronunciation is marked and reported, or fails the task before it starts. */
  readonly unknownWords: 'warn' | 'fail';
  /** Whether a task with a file that came back empty fails, or completes with what there is. */
  readonly partialResults: 'fail' | 'allow';
  /** How the engine's first run searches. */
  readonly search: Search;
  /** Whether utterances that are long or lost are cut for an engine that cannot leave out words. */
  readonly cuts: 'auto' | 'never';
  readonly channels: Channels;
  readonly formats: readonly ResultFormatName[];
}

/** What workers do for the viewer of the page. */
export interface ViewPolicy {
  /** How long the audio of a completed task is kept at least, so that it can be played. */
  readonly keepAudioSec: number;
  /** Whether the waveform and the spectrogram of each recording are drawn. */
  readonly pictures: 'auto' | 'never';
}
