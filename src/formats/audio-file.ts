import { type FileHandle, open } from 'node:fs/promises';
import { type ErrorCode, TaskError } from '../base/errors.ts';

const START_BYTES = 40;

/**
 * Opens an audio file for reading.
 * @param file - the user's name of the file, for messages
 * @throws TaskError E_AUDIO_MISSING
 */
export async function openAudio(audioPath: string, file: string): Promise<FileHandle> {
  try {
    return await open(audioPath, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const text = `expected an audio file, found none; add it to the task`;
    throw new TaskError('E_AUDIO_MISSING', text, { place: { file }, cause: error });
  }
}

/**
 * Reads the first bytes of an audio file. They show its kind; the extension may be wrong.
 * @returns up to 40 bytes, and the length of the file
 * @throws TaskError E_PATH_KIND, E_AUDIO_EMPTY
 */
export async function readStart(
  handle: FileHandle,
  file: string,
): Promise<{ readonly start: Buffer; readonly fileBytes: number }> {
  const stat = await handle.stat();
  if (!stat.isFile())
    throw audioFault('E_PATH_KIND', file, 'a file', 'something else', 'name the audio file itself');
  if (stat.size === 0)
    throw audioFault('E_AUDIO_EMPTY', file, 'audio', 'an empty file', 'copy or record it again');
  return { start: await readAt(handle, 0, START_BYTES), fileBytes: stat.size };
}

/**
 * Names the kind of a file that is not a wav by its first bytes, such as `an MP3 file`.
 * @returns null: they do not show it
 */
export function nameOfKind(start: Buffer): string | null {
  const text = start.toString('latin1');
  if (text.startsWith('ID3') || (start[0] === 0xff && ((start[1] ?? 0) & 0xe6) === 0xe2))
    return 'an MP3 file';
  if (text.startsWith('fLaC')) return 'a FLAC file';
  if (text.startsWith('OggS')) return 'an Ogg file';
  if (text.startsWith('FORM')) return 'an AIFF file';
  if (text.startsWith('.snd')) return 'an AU file';
  if (text.startsWith('NIST_1A')) return 'a NIST SPHERE file';
  if (text.startsWith('caff')) return 'a CAF file';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'AVI ') return 'an AVI film';
  if (text.startsWith('\x1a\x45\xdf\xa3')) return 'a Matroska (mkv, webm) file';
  if (text.startsWith('\x30\x26\xb2\x75')) return 'a Windows Media (wma) file';
  if (text.slice(4, 8) === 'ftyp') return 'an MP4 (m4a) file';
  if (start[0] === 0xff && ((start[1] ?? 0) & 0xf6) === 0xf0) return 'an AAC file';
  return null;
}

/** Reads `length` bytes, or fewer if the file ends before. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** Makes the error about an audio file: what was expected, what was found, and the fix. */
export function audioFault(
  code: ErrorCode,
  file: string,
  expected: string,
  found: string,
  fix: string,
): TaskError {
  return new TaskError(code, `expected ${expected}, found ${found}; ${fix}`, { place: { file } });
}
