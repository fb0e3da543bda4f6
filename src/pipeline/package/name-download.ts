import { downloadName, type NamedTask } from './download-name.ts';
import type { Packaged } from './package.ts';

/** What the zip of a task is to be called when a user saves it. Each recording has one transcript of the same name. */
export function nameDownload(task: NamedTask, { files }: Packaged): string {
  const transcripts = files.filter(({ kind }) => kind === 'transcript');
  return downloadName(
    task,
    transcripts.map(({ original_name }) => original_name.replace(/\.[^./]*$/, '')),
  );
}
