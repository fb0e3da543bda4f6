import { previewOutdated, type Removal, type RetentionOptions, removeOutdated } from '../worker/retention.ts';

/** Removes the files that are not kept any longer, as a worker would; or only says what these are. */
export function clean(options: RetentionOptions, isDryRun: boolean): Promise<Removal[]> {
  return isDryRun ? previewOutdated(options) : removeOutdated(options);
}
