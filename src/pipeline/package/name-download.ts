import { downloadName, type NamedTask } from './download-name.ts';
import type { Packaged } from './package.ts';

/** As `downloadName`, by the names of transcripts, since hidden copies of recordings are among the files, too. */
export function nameDownload(task: NamedTask, { files }: Packaged): string {
  const transcripts = files.filter(({ kind }) => kind === 'transcript');
  return downloadName(
    task,
    transcripts.map(({ original_name }) => original_name.replace(/\.[^./]*$/, '')),
  );
}
