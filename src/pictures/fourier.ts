/** Power spectra of real frames of one length. */
export interface PowerSpectrum {
  /**
   * Squared magnitudes of the discrete Fourier transform, from 0 Hz up to half the sample rate.
   * @param frame - `size` samples
   * @param power - takes `size / 2 + 1` values
   */
  of(frame: Float64Array, power: Float64Array): void;
}

/**
 * A transform of half the size does it: even samples are its real parts, odd ones its imaginary parts, and the two spectra
 * are told apart by their symmetry.
 * Source: Press et al., Numerical Recipes, "FFT of Real Functions".
 * @param size - samples of a frame: a power of two, at least 4
 */
export function createPowerSpectrum(size: number): PowerSpectrum {
  const half = size / 2;
  const order = reversedBits(half);
  const cosine = new Float64Array(half);
  const sine = new Float64Array(half);
  for (let index = 0; index < half; index++) {
    cosine[index] = Math.cos((2 * Math.PI * index) / size);
    sine[index] = -Math.sin((2 * Math.PI * index) / size);
  }
  const real = new Float64Array(half);
  const imaginary = new Float64Array(half);
  return {
    of(frame, power) {
      for (let index = 0; index < half; index++) {
        const at = order[index] as number;
        real[index] = frame[2 * at] as number;
        imaginary[index] = frame[2 * at + 1] as number;
      }
      transform(real, imaginary, cosine, sine);
      separate(real, imaginary, cosine, sine, power);
    },
  };
}

/** Butterflies of radix two, in place; the input is in the order of reversed bits. */
function transform(
  real: Float64Array,
  imaginary: Float64Array,
  cosine: Float64Array,
  sine: Float64Array,
): void {
  const size = real.length;
  for (let width = 1; width < size; width *= 2) {
    const stride = size / width;
    for (let start = 0; start < size; start += 2 * width) {
      for (let step = 0; step < width; step++) {
        const a = start + step;
        const b = a + width;
        const c = cosine[step * stride] as number;
        const s = sine[step * stride] as number;
        const re = (real[b] as number) * c - (imaginary[b] as number) * s;
        const im = (real[b] as number) * s + (imaginary[b] as number) * c;
        real[b] = (real[a] as number) - re;
        imaginary[b] = (imaginary[a] as number) - im;
        real[a] = (real[a] as number) + re;
        imaginary[a] = (imaginary[a] as number) + im;
      }
    }
  }
}

/** From the transform of the packed frame to the powers of the real one. */
function separate(
  real: Float64Array,
  imaginary: Float64Array,
  cosine: Float64Array,
  sine: Float64Array,
  power: Float64Array,
): void {
  const half = real.length;
  const first = real[0] as number;
  const second = imaginary[0] as number;
  power[0] = (first + second) ** 2;
  power[half] = (first - second) ** 2;
  for (let index = 1; index < half; index++) {
    const mirror = half - index;
    const evenRe = ((real[index] as number) + (real[mirror] as number)) / 2;
    const evenIm = ((imaginary[index] as number) - (imaginary[mirror] as number)) / 2;
    const oddRe = ((imaginary[index] as number) + (imaginary[mirror] as number)) / 2;
    const oddIm = ((real[mirror] as number) - (real[index] as number)) / 2;
    const c = cosine[index] as number;
    const s = sine[index] as number;
    const re = evenRe + oddRe * c - oddIm * s;
    const im = evenIm + oddRe * s + oddIm * c;
    power[index] = re * re + im * im;
  }
}

function reversedBits(size: number): Uint32Array {
  const order = new Uint32Array(size);
  for (let index = 1; index < size; index++)
    order[index] = ((order[index >> 1] as number) >> 1) | (index & 1 ? size >> 1 : 0);
  return order;
}
