/** What to build a wav file from; each field left out is what a plain recorder writes. */
export interface WavRecipe {
  readonly sampleRateHz?: number;
  readonly channelCount?: number;
  readonly bitsPerSample?: number;
  /** 1 = PCM, 3 = floating point. */
  readonly formatTag?: number;
  /** Writes the format into an extensible header. */
  readonly isExtensible?: boolean;
  /** From -1 to 1, channels in turn. */
  readonly samples?: ArrayLike<number>;
  /** Written between the format and the data. */
  readonly chunksBefore?: readonly { readonly id: string; readonly body: Uint8Array }[];
  /** What the headers claim, where it is not the truth. */
  readonly declaredDataBytes?: number;
  readonly declaredRiffBytes?: number;
  /** Length at which the file is cut off. */
  readonly keepBytes?: number;
}

/** The bytes of a wav file. */
export function makeWav(recipe: WavRecipe = {}): Buffer {
  const { samples = sine(200, 16_000, 0.25), chunksBefore = [], bitsPerSample = 16 } = recipe;
  const data = encodeSamples(samples, bitsPerSample, recipe.formatTag === 3);
  const body = Buffer.concat([
    Buffer.from('WAVE', 'latin1'),
    chunk('fmt ', formatBody(recipe, bitsPerSample)),
    ...chunksBefore.map(({ id, body: note }) => chunk(id, note)),
    chunk('data', data, recipe.declaredDataBytes),
  ]);
  const file = chunk('RIFF', body, recipe.declaredRiffBytes);
  return file.subarray(0, recipe.keepBytes ?? file.length);
}

/** A tone, from -1 to 1. */
export function sine(hz: number, sampleRateHz: number, durationSec: number, amplitude = 0.5): Float64Array {
  const count = Math.round(sampleRateHz * durationSec);
  return Float64Array.from(
    { length: count },
    (_, index) => amplitude * Math.sin((2 * Math.PI * hz * index) / sampleRateHz),
  );
}

/** Two channels as they stand in a file: a sample of each in turn. */
export function interleave(left: ArrayLike<number>, right: ArrayLike<number>): Float64Array {
  const samples = new Float64Array(left.length * 2);
  for (let frame = 0; frame < left.length; frame++) {
    samples[2 * frame] = left[frame] ?? 0;
    samples[2 * frame + 1] = right[frame] ?? 0;
  }
  return samples;
}

function chunk(id: string, body: Uint8Array, declaredBytes = body.length): Buffer {
  const header = Buffer.alloc(8);
  header.write(id, 'latin1');
  header.writeUInt32LE(declaredBytes, 4);
  return Buffer.concat([header, body, Buffer.alloc(body.length % 2)]);
}

function formatBody(recipe: WavRecipe, bitsPerSample: number): Buffer {
  const { sampleRateHz = 16_000, channelCount = 1, formatTag = 1, isExtensible = false } = recipe;
  const frameBytes = (channelCount * bitsPerSample) / 8;
  const body = Buffer.alloc(isExtensible ? 40 : 16);
  body.writeUInt16LE(isExtensible ? 0xfffe : formatTag, 0);
  body.writeUInt16LE(channelCount, 2);
  body.writeUInt32LE(sampleRateHz, 4);
  body.writeUInt32LE(sampleRateHz * frameBytes, 8);
  body.writeUInt16LE(frameBytes, 12);
  body.writeUInt16LE(bitsPerSample, 14);
  if (isExtensible) {
    body.writeUInt16LE(22, 16);
    body.writeUInt16LE(bitsPerSample, 18);
    body.writeUInt16LE(formatTag, 24);
    body.write('000000001000800000aa00389b71', 26, 'hex');
  }
  return body;
}

function encodeSamples(samples: ArrayLike<number>, bitsPerSample: number, isFloat: boolean): Buffer {
  const sampleBytes = bitsPerSample / 8;
  const data = Buffer.alloc(samples.length * sampleBytes);
  const scale = 2 ** (bitsPerSample - 1);
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index] ?? 0;
    const offset = index * sampleBytes;
    const level = Math.max(-scale, Math.min(scale - 1, Math.round(sample * scale)));
    if (isFloat) data.writeFloatLE(sample, offset);
    else if (bitsPerSample === 8) data.writeUInt8(level + 128, offset);
    else data.writeIntLE(level, offset, sampleBytes);
  }
  return data;
}
