import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import { transcriptFormatOf } from '../../base/input-kinds.ts';
import type { OriginalFile, ResultFormat } from '../../formats/result.ts';
import type { LegacyEncoding } from '../../formats/text-encoding.ts';
import type { Language } from '../../lexicon/language.ts';
import type { Recording } from '../prepared.ts';

/**
 * The transcript of a recording as it was given, if a format of the result adds its tiers to such a transcript.
 * @throws TaskError E_IO when the file was changed since the task began
 */
export async function readOriginal(
  { transcript }: Pick<Recording, 'transcript'>,
  formats: readonly Pick<ResultFormat, 'addsTo'>[],
  { uploadsDir, language }: { readonly uploadsDir: string; readonly language: Language },
): Promise<OriginalFile | null> {
  const own = transcriptFormatOf(transcript.originalName);
  if (own === null || !formats.some(({ addsTo }) => addsTo === own)) return null;
  const bytes = await readFile(path.join(uploadsDir, transcript.path));
  if (createHash('sha256').update(bytes).digest('hex') !== transcript.sha256) {
    const text =
      'expected the transcript as it was when the task began, found another file; the task runs again with it';
    throw new TaskError('E_IO', text, { place: { file: transcript.originalName } });
  }
  const legacyEncoding = (language.legacyEncoding ?? null) as LegacyEncoding | null;
  return { name: transcript.originalName, bytes, legacyEncoding };
}
