import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { AudioPolicy } from '../../engines/engine.ts';
import { writeMonoPcm16 } from '../../formats/wav-pcm.ts';
import { AUDIO_DIR } from '../cleanup.ts';
import type { Recording, TieredPair } from '../prepared.ts';
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

/** Writes a recording as an engine takes it: mono, of 16 bits, at its own rate where the engine takes that. */
export async function writeMono(
  { id, wav, plainPath }: TieredPair,
  audio: AudioPolicy,
  dir: string,
  signal: AbortSignal,
): Promise<Pick<Recording, 'monoPath' | 'monoRateHz'>> {
  const monoPath = path.join(dir, `${id}.wav`);
  const targetRateHz = takesRate(audio, wav.sampleRateHz) ? null : audio.resampleToHz;
  const written = await writeMonoPcm16({ path: plainPath, info: wav }, monoPath, { targetRateHz, signal });
  return { monoPath, monoRateHz: written.sampleRateHz };
}
