/** What to build a wav file from. The defaults are what a plain recorder writes. */
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
  /** Values that the headers claim, if they are wrong. */
  readonly declaredDataBytes?: number;
  readonly declaredRiffBytes?: number;
  /** `RIFX`: all numbers and samples with their highest byte first. `RF64`, `W64`: long sizes. */
  readonly form?: 'RIFF' | 'RIFX' | 'RF64' | 'BW64' | 'W64';
  /** Written after the data. */
  readonly chunksAfter?: readonly { readonly id: string; readonly body: Uint8Array }[];
  /** Length at which the file is cut off. */
  readonly keepBytes?: number;
}

/** The bytes of a wav file. */
export function makeWav(recipe: WavRecipe = {}): Buffer {
  const { samples = sine(200, 16_000, 0.25), bitsPerSample = 16, form = 'RIFF' } = recipe;
  const { chunksBefore = [], chunksAfter = [], declaredDataBytes } = recipe;
  const data = encodeSamples(samples, bitsPerSample, recipe.formatTag === 3);
  const format = formatBody(recipe, bitsPerSample);
  const file = write(
    form,
    [
      { id: 'fmt ', body: form === 'RIFX' ? reverseFields(format) : format },
      ...chunksBefore,
      {
        id: 'data',
        body: form === 'RIFX' ? Buffer.from(data).swap16() : data,
        ...(declaredDataBytes === undefined ? {} : { declaredBytes: declaredDataBytes }),
      },
      ...chunksAfter,
    ],
    recipe.declaredRiffBytes,
  );
  return file.subarray(0, recipe.keepBytes ?? file.length);
}

interface Chunk {
  readonly id: string;
  readonly body: Uint8Array;
  /** If it is not the true size. */
  readonly declaredBytes?: number;
}

function write(form: WavRecipe['form'], chunks: readonly Chunk[], declaredRiffBytes?: number): Buffer {
  if (form === 'W64') return writeWave64(chunks);
  const isBigEndian = form === 'RIFX';
  const isLong = form === 'RF64' || form === 'BW64';
  const sizes = Buffer.alloc(28);
  const dataBytes = chunks.find(({ id }) => id === 'data');
  sizes.writeBigUInt64LE(BigInt(dataBytes?.declaredBytes ?? dataBytes?.body.length ?? 0), 8);
  const all = isLong
    ? [
        { id: 'ds64', body: sizes } as Chunk,
        ...chunks.map((one) => (one.id === 'data' ? { ...one, declaredBytes: 0xffff_ffff } : one)),
      ]
    : chunks;
  const body = Buffer.concat([
    Buffer.from('WAVE', 'latin1'),
    ...all.map((one) => chunk(one.id, one.body, one.declaredBytes, isBigEndian)),
  ]);
  return chunk(form ?? 'RIFF', body, isLong ? 0xffff_ffff : declaredRiffBytes, isBigEndian);
}

/** Names of 16 bytes; sizes of 8 bytes, which include name and size; chunks start at multiples of 8. */
function writeWave64(chunks: readonly Chunk[]): Buffer {
  const parts = chunks.map(({ id, body, declaredBytes = body.length }) => {
    const header = Buffer.alloc(24);
    header.write(id, 'latin1');
    header.write('f3acd3118cd100c04f8edb8a', 4, 'hex');
    header.writeBigUInt64LE(BigInt(declaredBytes + 24), 16);
    return Buffer.concat([header, body, Buffer.alloc((8 - (body.length % 8)) % 8)]);
  });
  const start = Buffer.from('726966662e91cf11a5d628db04c100000000000000000000', 'hex');
  start.writeBigUInt64LE(BigInt(40 + parts.reduce((sum, { length }) => sum + length, 0)), 16);
  return Buffer.concat([start, Buffer.from('77617665f3acd3118cd100c04f8edb8a', 'hex'), ...parts]);
}

/** The numbers of a plain format, with their highest byte first. */
function reverseFields(format: Buffer): Buffer {
  const reversed = Buffer.from(format);
  for (const at of [0, 2, 12, 14]) reversed.subarray(at, at + 2).reverse();
  for (const at of [4, 8]) reversed.subarray(at, at + 4).reverse();
  return reversed;
}

/** A tone, from -1 to 1. */
export function sine(hz: number, sampleRateHz: number, durationSec: number, amplitude = 0.5): Float64Array {
  const count = Math.round(sampleRateHz * durationSec);
  return Float64Array.from(
    { length: count },
    (_, index) => amplitude * Math.sin((2 * Math.PI * hz * index) / sampleRateHz),
  );
}

/** Two channels as in a file: a sample of each in turn. */
export function interleave(left: ArrayLike<number>, right: ArrayLike<number>): Float64Array {
  const samples = new Float64Array(left.length * 2);
  for (let frame = 0; frame < left.length; frame++) {
    samples[2 * frame] = left[frame] ?? 0;
    samples[2 * frame + 1] = right[frame] ?? 0;
  }
  return samples;
}

function chunk(id: string, body: Uint8Array, declaredBytes = body.length, isBigEndian = false): Buffer {
  const header = Buffer.alloc(8);
  header.write(id, 'latin1');
  if (isBigEndian) header.writeUInt32BE(declaredBytes, 4);
  else header.writeUInt32LE(declaredBytes, 4);
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
