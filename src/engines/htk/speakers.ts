import type { AlignmentFile } from '../engine.ts';

/** What an engine knows the tiers of a file by, by their ids: `S1`, `S2`, ... There may be one for each utterance. */
export function nameSpeakers(file: AlignmentFile): ReadonlyMap<string, string> {
  return new Map(file.tiers.map(({ id }, index) => [id, `S${index + 1}`]));
}
