import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { MAX_CHANNELS } from '../base/channels.ts';
import { TaskError } from '../base/errors.ts';
import { createResampler, expectedCount } from './resample.ts';
import { assertPlainPcm16, readWavHeader, type WavInfo } from './wav-header.ts';

/** A wav file whose header was read. */
export interface WavSource {
  readonly path: string;
  /** The result of `readWavHeader` for this path. */
  readonly info: WavInfo;
}

/** Which samples are read, and at which rate. */
export interface PcmOptions {
  /** Null: the rate stays unchanged. */
  readonly targetRateHz: number | null;
  /** The channel to read, from 0. Left out, or null: the mean of all channels. */
  readonly channel?: number | null;
  readonly signal: AbortSignal;
}

/** The mono wav file that was written. */
export interface WrittenWav {
  readonly sampleRateHz: number;
  readonly durationSec: number;
  /** Size of the file with its header. */
  readonly bytes: number;
}

const HEADER_BYTES = 44;
const SAMPLE_BYTES = 2;
/** 1.5 s of audio at 44.1 kHz: short enough to let other work of the process run in between. */
const BLOCK_FRAMES = 65_536;
const FULL_SCALE = 32_768;
const MAX_RIFF_BYTES = 0xffff_ffff;

/**
 * Converts a 16-bit PCM wav file, or one channel of it, to a mono file, with another sample rate if asked. The duration stays the
 * same to the nearest sample. The memory does not depend on the length. After a failure there is no output file.
 * @param outputPath - must not exist
 * @throws TaskError E_AUDIO_FORMAT, E_AUDIO_RATE, E_AUDIO_CUT_SHORT (the file shrank since its header was read),
 *   E_LIMIT; the reason of the signal when aborted
 */
export async function writeMonoPcm16(
  source: WavSource,
  outputPath: string,
  options: PcmOptions,
): Promise<WrittenWav> {
  const { targetRateHz, signal } = options;
  const { info } = source;
  assertPlainPcm16(info, path.basename(source.path), MAX_CHANNELS);
  const sampleRateHz = targetRateHz ?? info.sampleRateHz;
  const sampleCount =
    sampleRateHz === info.sampleRateHz
      ? info.frameCount
      : expectedCount(info.frameCount, info.sampleRateHz, sampleRateHz);
  const bytes = HEADER_BYTES + sampleCount * SAMPLE_BYTES;
  if (bytes > MAX_RIFF_BYTES) {
    const file = path.basename(source.path);
    const text = `expected audio that fits a wav file of 4 GB, found ${info.durationSec} s; cut it into parts`;
    throw new TaskError('E_LIMIT', text, { place: { file } });
  }
  signal.throwIfAborted();
  // 'wx': an existing file, such as the source itself, is neither overwritten nor deleted below.
  const output = await open(outputPath, 'wx');
  try {
    await output.write(monoHeader(sampleRateHz, sampleCount));
    if (sampleRateHz === info.sampleRateHz) await copyMono(output, source, options);
    else await resampleMono(source, output, { ...options, targetRateHz: sampleRateHz }, sampleCount);
    await output.close();
  } catch (error) {
    await output.close().catch(() => undefined);
    await rm(outputPath, { force: true });
    throw error;
  }
  return { sampleRateHz, durationSec: sampleCount / sampleRateHz, bytes };
}

function monoHeader(sampleRateHz: number, sampleCount: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(HEADER_BYTES - 8 + sampleCount * SAMPLE_BYTES, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * SAMPLE_BYTES, 28);
  header.writeUInt16LE(SAMPLE_BYTES, 32);
  header.writeUInt16LE(8 * SAMPLE_BYTES, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(sampleCount * SAMPLE_BYTES, 40);
  return header;
}

async function copyMono(
  output: FileHandle,
  source: WavSource,
  { channel = null, signal }: PcmOptions,
): Promise<void> {
  const { channelCount } = source.info;
  await using input = await open(source.path, 'r');
  const mono = new Int16Array(BLOCK_FRAMES);
  for await (const samples of readBlocks(input, source, signal)) {
    if (channelCount === 1) {
      await writeSamples(output, samples);
      continue;
    }
    const frameCount = samples.length / channelCount;
    if (channel !== null) takeChannel(samples, channelCount, channel, mono);
    else {
      for (let frame = 0; frame < frameCount; frame++)
        mono[frame] = Math.round(meanOfFrame(samples, frame, channelCount));
    }
    await writeSamples(output, mono.subarray(0, frameCount));
  }
}

async function resampleMono(
  source: WavSource,
  output: FileHandle,
  options: PcmOptions & { readonly targetRateHz: number },
  sampleCount: number,
): Promise<void> {
  let leftCount = sampleCount;
  for await (const samples of readMonoBlocks(source, options)) {
    // The end of the filter may give one sample more than the duration has.
    const wanted = samples.subarray(0, leftCount);
    leftCount -= wanted.length;
    await writeSamples(output, toInt16(wanted));
  }
}

/**
 * Reads a 16-bit PCM wav file as mono samples from -32768 to 32767. Each block is overwritten by the next one. At another rate, the
 * last block may have one sample more than `expectedCount`. The memory does not depend on the length.
 * @throws TaskError E_AUDIO_FORMAT, E_AUDIO_CUT_SHORT; the reason of the signal when aborted
 */
export async function* readMonoBlocks(
  source: WavSource,
  { targetRateHz, channel = null, signal }: PcmOptions,
): AsyncGenerator<Float32Array> {
  assertPlainPcm16(source.info, path.basename(source.path), MAX_CHANNELS);
  const { channelCount, sampleRateHz } = source.info;
  const resampler =
    targetRateHz === null || targetRateHz === sampleRateHz
      ? null
      : createResampler({ sourceHz: sampleRateHz, targetHz: targetRateHz, maxBlockCount: BLOCK_FRAMES });
  const mono = new Float32Array(BLOCK_FRAMES);
  await using input = await open(source.path, 'r');
  for await (const samples of readBlocks(input, source, signal)) {
    if (channel === null) averageChannels(samples, channelCount, mono);
    else takeChannel(samples, channelCount, channel, mono);
    const block = mono.subarray(0, samples.length / channelCount);
    yield resampler === null ? block : resampler.push(block);
  }
  if (resampler !== null) yield resampler.finish();
}

function takeChannel(
  samples: Int16Array,
  channelCount: number,
  channel: number,
  mono: Int16Array | Float32Array,
): void {
  let frame = 0;
  for (let at = channel; at < samples.length; at += channelCount) mono[frame++] = samples[at] as number;
}

function averageChannels(samples: Int16Array, channelCount: number, mono: Float32Array): void {
  const frameCount = samples.length / channelCount;
  for (let frame = 0; frame < frameCount; frame++) mono[frame] = meanOfFrame(samples, frame, channelCount);
}

function meanOfFrame(samples: Int16Array, frame: number, channelCount: number): number {
  let sum = 0;
  const at = frame * channelCount;
  for (let channel = 0; channel < channelCount; channel++) sum += samples[at + channel] as number;
  return sum / channelCount;
}

/** Rounds samples. Samples that a filter made too large are limited to full scale: otherwise they would wrap around and click. */
function toInt16(samples: Float32Array): Int16Array {
  const rounded = new Int16Array(samples.length);
  for (let index = 0; index < samples.length; index++) {
    const value = Math.round(samples[index] as number);
    rounded[index] = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, value));
  }
  return rounded;
}

async function writeSamples(output: FileHandle, samples: Int16Array): Promise<void> {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  for (let written = 0; written < bytes.length; ) {
    written += (await output.write(bytes, written)).bytesWritten;
  }
}

/** Reads samples in blocks of whole frames. Each block is overwritten by the next one. */
export async function* readBlocks(
  input: FileHandle,
  { path: sourcePath, info }: WavSource,
  signal: AbortSignal,
): AsyncGenerator<Int16Array> {
  const frameBytes = info.channelCount * SAMPLE_BYTES;
  const samples = new Int16Array(BLOCK_FRAMES * info.channelCount);
  const bytes = new Uint8Array(samples.buffer);
  for (let frame = 0; frame < info.frameCount; frame += BLOCK_FRAMES) {
    signal.throwIfAborted();
    const blockBytes = Math.min(BLOCK_FRAMES, info.frameCount - frame) * frameBytes;
    await readFully(input, bytes, blockBytes, info.dataOffset + frame * frameBytes, sourcePath);
    if (info.isBigEndian) Buffer.from(bytes.buffer, 0, blockBytes).swap16();
    yield samples.subarray(0, blockBytes / SAMPLE_BYTES);
  }
}

async function readFully(
  input: FileHandle,
  bytes: Uint8Array,
  length: number,
  position: number,
  sourcePath: string,
): Promise<void> {
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await input.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) {
      const text = `expected audio up to byte ${position + length}, found the end at ${position + filled}; the file changed while it was read: copy it again`;
      throw new TaskError('E_AUDIO_CUT_SHORT', text, { place: { file: path.basename(sourcePath) } });
    }
    filled += bytesRead;
  }
}

/**
 * Reads a part of a mono 16-bit PCM wav file as samples from -1 to 1. If the file ends before `endSec`, the result is
 * shorter.
 * @throws TaskError as `readWavHeader`, and E_AUDIO_FORMAT if it has several channels
 */
export async function readMonoPcm16AsFloat(
  wavPath: string,
  startSec: number,
  endSec: number,
): Promise<Float32Array> {
  const file = path.basename(wavPath);
  await using input = await open(wavPath, 'r');
  const info = await readWavHeader(input, file);
  if (info.channelCount !== 1) {
    const text = `expected 1 channel, found ${info.channelCount}; convert it to mono`;
    throw new TaskError('E_AUDIO_FORMAT', text, { place: { file } });
  }
  const toFrame = (sec: number): number =>
    Math.min(info.frameCount, Math.max(0, Math.round(sec * info.sampleRateHz)));
  const startFrame = toFrame(startSec);
  const samples = new Int16Array(Math.max(0, toFrame(endSec) - startFrame));
  const bytes = new Uint8Array(samples.buffer);
  await readFully(input, bytes, bytes.length, info.dataOffset + startFrame * SAMPLE_BYTES, wavPath);
  return Float32Array.from(samples, (sample) => sample / FULL_SCALE);
}
