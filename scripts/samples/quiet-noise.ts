const NOISE_PEAK = 6 / 32768;

/** An inaudible hiss, since real recordings have no digital silence. It is the same in every run. */
export function quietNoise(sampleCount: number, seed: number): Float32Array {
  let state = seed + 1;
  return Float32Array.from({ length: sampleCount }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * NOISE_PEAK;
  });
}
