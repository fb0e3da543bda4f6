import { must } from '../../base/must.ts';
import type { AlignmentFile } from '../engine.ts';

/** Gives the neutral name of a tier's speaker for the engine: `S1`, `S2`, ... */
export type SpeakerOf = (tierId: string) => string;

export function makeSpeakerOf(file: AlignmentFile): SpeakerOf {
  const names = new Map(file.tiers.map(({ id }, index) => [id, `S${index + 1}`]));
  return (tierId) => must(names.get(tierId), 'the speaker of a tier');
}
