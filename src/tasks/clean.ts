import {
  type LogRemoval,
  type LogRetentionOptions,
  previewOldLogs,
  removeOldLogs,
} from '../upkeep/log-retention.ts';
import { previewOutdated, type Removal, type RetentionOptions, removeOutdated } from '../upkeep/retention.ts';

export interface Cleaned {
  /** Files of tasks. */
  readonly removals: readonly Removal[];
  readonly logs: readonly LogRemoval[];
}

/** Removes files whose time is over, as a worker would, or only lists them. */
export async function clean(
  files: RetentionOptions,
  logs: LogRetentionOptions,
  isDryRun: boolean,
): Promise<Cleaned> {
  if (isDryRun) return { removals: await previewOutdated(files), logs: await previewOldLogs(logs) };
  const removals: Removal[] = [];
  let batch: Removal[];
  do {
    batch = await removeOutdated(files);
    removals.push(...batch);
  } while (batch.some(({ isOver }) => isOver));
  return { removals, logs: await removeOldLogs(logs) };
}
