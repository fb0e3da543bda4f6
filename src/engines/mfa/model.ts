import { open } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import type { Language } from '../../lexicon/language.ts';
import { placeFile } from '../exchange/place-file.ts';

/** First bytes of a zip archive. Source: PKWARE's APPNOTE, "local file header signature". */
const ZIP_MAGIC = Buffer.from('PK\x03\x04', 'latin1');

/**
 * Puts the acoustic model of a language into a working directory under a neutral name. It is checked first, since MFA's own message
 * names neither the file nor the fault.
 * @returns the path of the model there
 * @throws TaskError E_LANGUAGE_BROKEN when there is no model, or it is not a zip archive
 */
export async function placeMfaModel(language: Language, workDir: string): Promise<string> {
  const { code, acousticModelPath } = language;
  const expected = `language "${code}": expected an acoustic model, ${code}.zip in its folder`;
  return place(acousticModelPath, path.join(workDir, 'model.zip'), expected);
}

/** Does the same with the model that guesses pronunciations. */
export async function placeG2pModel(language: Language, workDir: string): Promise<string> {
  const { code, g2pModelPath = null } = language;
  const expected = `language "${code}": expected a G2P model, ${code}_g2p_model.zip in its folder`;
  return place(g2pModelPath, path.join(workDir, 'g2p.zip'), expected);
}

async function place(sourcePath: string | null, modelPath: string, expected: string): Promise<string> {
  if (sourcePath === null) {
    throw new TaskError('E_LANGUAGE_BROKEN', `${expected}, found none; put it there`);
  }
  const magic = await readMagic(sourcePath);
  if (magic === null || !magic.equals(ZIP_MAGIC)) {
    const found = magic === null ? 'it cannot be read' : 'the file is not a zip archive';
    throw new TaskError('E_LANGUAGE_BROKEN', `${expected}: ${found}; put the model there again`);
  }
  await placeFile(sourcePath, modelPath);
  return modelPath;
}

/** Whether a file begins like a zip archive. An archive that was copied in part also passes; only MFA notices that. */
export async function isZipFile(file: string): Promise<boolean> {
  return (await readMagic(file))?.equals(ZIP_MAGIC) === true;
}

async function readMagic(file: string): Promise<Buffer | null> {
  try {
    await using handle = await open(file);
    const magic = Buffer.alloc(ZIP_MAGIC.length);
    await handle.read(magic, 0, magic.length, 0);
    return magic;
  } catch {
    return null;
  }
}
