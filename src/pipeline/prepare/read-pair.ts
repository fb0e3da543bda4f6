import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Fault, TaskError, type Warning } from '../../base/errors.ts';
import { hashFile } from '../../base/file-hash.ts';
import { fileVersion } from '../../base/file-version.ts';
import { findingAt } from '../../base/finding.ts';
import { inTurns } from '../../base/pieces.ts';
import { decodeText, type LegacyEncoding } from '../../formats/text-encoding.ts';
import type { TextGrid, Tier } from '../../formats/textgrid/model.ts';
import { readTextGridInPieces } from '../../formats/textgrid/read.ts';
import { isBinaryTextGrid, readBinaryTextGridInPieces } from '../../formats/textgrid/read-binary.ts';
import type { InputFile, ReadPair } from '../prepared.ts';
import type { InputPair } from './input-files.ts';
import type { InspectOptions } from './inspection.ts';

/** A TextGrid of a long conversation has a few megabytes. */
const MAX_TRANSCRIPT_BYTES = 64 * 1024 * 1024;
const MIN_GOOD_RATE_HZ = 16_000;

export interface PairReport {
  /** Null when there is a fault that leaves nothing to look at. */
  readonly pair: ReadPair | null;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
}

/** Reads both files of a pair; the fault of one does not hide that of the other. */
export async function readPair(
  id: string,
  input: InputPair,
  { resources: { language }, dir, uploadsDir, decodeAudio, place }: InspectOptions,
): Promise<PairReport> {
  const faults: Fault[] = [];
  const warnings: Warning[] = [];
  const audioName = path.relative(dir, input.audioPath);
  const transcriptName = path.relative(dir, input.transcriptPath);
  const collect = async <T>(read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof TaskError)) throw error;
      faults.push(...error.faults);
      return null;
    }
  };

  const sound = await collect(() => decodeAudio(input.audioPath, audioName, id, place));
  const grid = await collect(async () => {
    const bytes = await readTranscript(input.transcriptPath, transcriptName);
    if (isBinaryTextGrid(bytes))
      return inTurns(readBinaryTextGridInPieces(bytes, transcriptName), place.signal);
    const decoded = decodeText(
      bytes,
      transcriptName,
      (language.legacyEncoding ?? null) as LegacyEncoding | null,
    );
    if (decoded.warning !== undefined) warnings.push(decoded.warning);
    return inTurns(readTextGridInPieces(decoded.text, transcriptName), place.signal);
  });
  if (sound === null || grid === null) return { pair: null, faults, warnings };
  const { wav, damage } = sound;
  if (damage !== undefined) warnings.push(damage);

  if (wav.sampleRateHz < MIN_GOOD_RATE_HZ) {
    const text = `${wav.sampleRateHz} Hz; expect less exact boundaries than from ${MIN_GOOD_RATE_HZ} Hz and above`;
    warnings.push(findingAt('W_AUDIO_LOW_RATE', { file: audioName }, text));
  }
  const pair: ReadPair = {
    id,
    name: input.name,
    plainPath: sound.path,
    audio: await describeFile(input.audioPath, audioName, uploadsDir),
    transcript: await describeFile(input.transcriptPath, transcriptName, uploadsDir),
    wav,
    grid: fromStartOfAudio(grid, wav.durationSec),
  };
  return { pair, faults, warnings };
}

async function readTranscript(filePath: string, file: string): Promise<Uint8Array> {
  const { size } = await stat(filePath);
  if (size > MAX_TRANSCRIPT_BYTES) {
    throw new TaskError('E_LIMIT', `${size} bytes; expected at most ${MAX_TRANSCRIPT_BYTES}`, {
      place: { file },
    });
  }
  return readFile(filePath);
}

async function describeFile(filePath: string, originalName: string, uploadsDir: string): Promise<InputFile> {
  const version = fileVersion(await stat(filePath, { bigint: true }));
  const content = await hashFile(filePath);
  return { path: path.relative(uploadsDir, filePath), originalName, ...content, version };
}

/**
 * A transcript cut out of a longer one keeps the times of the whole, while its recording starts at zero: then the
 * times are moved. One that fits the recording as it is stays as it is.
 */
function fromStartOfAudio(grid: TextGrid, durationSec: number): TextGrid {
  const slackSec = 0.1;
  if (grid.startSec === 0 || grid.endSec <= durationSec + slackSec) return grid;
  if (grid.endSec - grid.startSec > durationSec + slackSec) return grid;
  const move = (timeSec: number) => timeSec - grid.startSec;
  const tiers = grid.tiers.map((tier): Tier => {
    const span = { startSec: move(tier.startSec), endSec: move(tier.endSec) };
    return tier.kind === 'point'
      ? { ...tier, ...span, points: tier.points.map((point) => ({ ...point, timeSec: move(point.timeSec) })) }
      : {
          ...tier,
          ...span,
          intervals: tier.intervals.map(({ startSec, endSec, text }) => ({
            startSec: move(startSec),
            endSec: move(endSec),
            text,
          })),
        };
  });
  return { startSec: 0, endSec: move(grid.endSec), tiers };
}
