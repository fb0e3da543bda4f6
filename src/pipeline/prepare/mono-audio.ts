import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { AudioPolicy } from '../../engines/engine.ts';
import { writeMonoPcm16 } from '../../formats/wav-pcm.ts';
import { AUDIO_DIR } from '../cleanup.ts';
import type { MonoAudio, TieredPair } from '../prepared.ts';
import type { StageContext } from '../stage.ts';

export function takesRate({ minHz, maxHz }: AudioPolicy, rateHz: number): boolean {
  return rateHz >= minHz && rateHz <= maxHz;
}

/** Makes a folder for audio inside the workspace. */
export async function makeAudioDir({ workspaceDir }: StageContext, name: string): Promise<string> {
  const dir = path.join(workspaceDir, AUDIO_DIR, name);
  await mkdir(dir, { recursive: true });
  return dir;
}

/**
 * Writes a recording, or a channel of it, as an engine takes it: mono, 16 bits, at its own rate if the engine takes that.
 * @param channel - from 0; null: all are mixed
 */
export async function writeMono(
  { id: recordingId, wav, plainPath }: TieredPair,
  channel: number | null,
  audio: AudioPolicy,
  dir: string,
  signal: AbortSignal,
): Promise<MonoAudio> {
  const id = channel === null ? recordingId : `${recordingId}c${channel + 1}`;
  const monoPath = path.join(dir, `${id}.wav`);
  const targetRateHz = takesRate(audio, wav.sampleRateHz) ? null : audio.resampleToHz;
  const source = { path: plainPath, info: wav };
  const written = await writeMonoPcm16(source, monoPath, { targetRateHz, channel, signal });
  return { id, channel, monoPath, monoRateHz: written.sampleRateHz };
}
