import type { Band } from './canvas.ts';

const AXIS = 24;
const WAVEFORM = 80;
const SPECTROGRAM = 160;
const TIER = 28;

export interface Layout {
  readonly axis: Band;
  readonly waveform: Band;
  readonly spectrogram: Band;
  readonly tiers: readonly Band[];
  readonly height: number;
}

/** The places of all parts, from the top down. */
export function layOut(tierCount: number): Layout {
  const waveform = { top: AXIS, height: WAVEFORM };
  const spectrogram = { top: AXIS + WAVEFORM + 1, height: SPECTROGRAM };
  const top = spectrogram.top + SPECTROGRAM;
  return {
    axis: { top: 0, height: AXIS },
    waveform,
    spectrogram,
    tiers: Array.from({ length: tierCount }, (_, index) => ({ top: top + index * TIER, height: TIER })),
    height: top + tierCount * TIER,
  };
}

/** Which tier is at a height; null: none. */
export function tierAtY({ tiers }: Layout, y: number): number | null {
  const found = tiers.findIndex(({ top, height }) => y >= top && y < top + height);
  return found === -1 ? null : found;
}
