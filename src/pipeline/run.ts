import { align } from './align/align.ts';
import { cleanup } from './cleanup.ts';
import { type Packaged, packageResult } from './package/package.ts';
import { prepare } from './prepare/prepare.ts';
import type { StageContext } from './stage.ts';

/**
 * Runs the stages of one attempt; each takes what the one before returned.
 * @returns the result, written and verified inside `ctx.outputDir`, not yet visible to users
 * @throws TaskError with all faults; the reason of `ctx.signal` when aborted
 */
export async function runPipeline(ctx: StageContext): Promise<Packaged> {
  try {
    const prepared = await prepare(ctx);
    const aligned = await align(prepared, ctx);
    return await packageResult(aligned, ctx);
  } finally {
    await cleanup(ctx); // also on abort: a stopped worker must not leave audio on disk
  }
}
