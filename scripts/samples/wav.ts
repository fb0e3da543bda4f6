import { readFileSync, writeFileSync } from 'node:fs';

const HEADER_BYTES = 44;
const FULL_SCALE = 32768;

export interface Pcm {
  readonly rateHz: number;
  /** One array for each channel, of equal length, -1 to 1. */
  readonly channels: readonly Float32Array[];
}

/** Reads 16-bit PCM wav as the synthesisers and `writeWav` write it. */
export function readWav(file: string): Pcm {
  const bytes = readFileSync(file);
  const channelCount = bytes.readUInt16LE(22);
  const rateHz = bytes.readUInt32LE(24);
  const dataAt = bytes.indexOf('data', 12, 'latin1') + 8;
  if (bytes.readUInt16LE(20) !== 1 || bytes.readUInt16LE(34) !== 16 || dataAt < HEADER_BYTES) {
    throw new Error(`${file}: expected 16-bit PCM wav`);
  }
  const frameCount = Math.floor((bytes.length - dataAt) / (2 * channelCount));
  const channels = Array.from({ length: channelCount }, (_, channel) =>
    Float32Array.from(
      { length: frameCount },
      (_, frame) => bytes.readInt16LE(dataAt + 2 * (frame * channelCount + channel)) / FULL_SCALE,
    ),
  );
  return { rateHz, channels };
}

export function writeWav(file: string, pcm: Pcm): void {
  writeFileSync(file, wavBytes(pcm));
}

export function wavBytes({ rateHz, channels }: Pcm): Buffer {
  const frameCount = channels[0]?.length ?? 0;
  const dataBytes = 2 * channels.length * frameCount;
  const bytes = Buffer.alloc(HEADER_BYTES + dataBytes);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(HEADER_BYTES - 8 + dataBytes, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(channels.length, 22);
  bytes.writeUInt32LE(rateHz, 24);
  bytes.writeUInt32LE(rateHz * 2 * channels.length, 28);
  bytes.writeUInt16LE(2 * channels.length, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(dataBytes, 40);
  channels.forEach((channel, index) => {
    channel.forEach((value, frame) => {
      const clipped = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(value * FULL_SCALE)));
      bytes.writeInt16LE(clipped, HEADER_BYTES + 2 * (frame * channels.length + index));
    });
  });
  return bytes;
}
