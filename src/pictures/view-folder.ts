import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** Folder of what the viewer shows, beside the zip of a task. */
const VIEW_FOLDER = 'view';

/** A recording in the list of a view folder; its files go by its place in the list. */
export interface ViewedRecording {
  /** The user's name: path below the task's folder, without extension. */
  readonly name: string;
  readonly seconds: number;
  /** The user's name of the audio, with extension. */
  readonly audio: string;
}

export interface ViewFilePaths {
  readonly dir: string;
  /** `ViewedRecording[]` as JSON. */
  readonly listPath: string;
  /** See view-tiers.ts. */
  readonly tiersPath: string;
  /** See picture-file.ts. Not there: nothing was drawn. */
  readonly picturesPath: string;
}

/** @param outputDir - folder of the result @param index - place of the recording in the list */
export function viewFilesIn(outputDir: string, index: number): ViewFilePaths {
  const dir = path.join(outputDir, VIEW_FOLDER);
  return {
    dir,
    listPath: path.join(dir, 'list.json'),
    tiersPath: path.join(dir, `${index}.tiers.json`),
    picturesPath: path.join(dir, `${index}.pictures`),
  };
}

/** The recordings that a view folder has; null: there is none, as of results of earlier versions. */
export async function readViewList(outputDir: string): Promise<readonly ViewedRecording[] | null> {
  try {
    return JSON.parse(await readFile(viewFilesIn(outputDir, 0).listPath, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
