import { TaskError } from '../../src/base/errors.ts';
import { webCommand } from '../../src/cli/commands/web.ts';
import type { Output } from '../../src/cli/output.ts';
import { loadConfig } from '../../src/config.ts';
import { environment } from '../../src/environment.ts';

const DAY_SEC = 86_400;

/** With the default settings, the worker of the page would delete the audio a minute later. */
export const PAGE_COMMAND = `KEEP_SOUND=${DAY_SEC} make web`;

/**
 * Keeps the recordings for a day, so that the page can play them. Processes that start later inherit the setting; a
 * longer time of the site is kept.
 */
export function keepSound(homeDir: string): void {
  if (loadConfig(homeDir).view.keepAudioSec < DAY_SEC) process.env['KEEP_SOUND'] = String(DAY_SEC);
}

/**
 * Runs the page with a worker until a signal ends it. If a page runs already, it shows the tasks, too, and none is
 * started.
 */
export async function runPage(output: Output, homeDir: string): Promise<number> {
  output.line();
  try {
    return await webCommand.run(['--with-worker'], { output, homeDir, environment });
  } catch (error) {
    if (!(error instanceof TaskError && error.code === 'E_CONFIG')) throw error;
    output.note(`${error.message}\nThe page that runs there may show these tasks.`);
    return 0;
  }
}
