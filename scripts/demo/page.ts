import { TaskError } from '../../src/base/errors.ts';
import { webCommand } from '../../src/cli/commands/web.ts';
import type { Output } from '../../src/cli/output.ts';
import { loadConfig } from '../../src/config.ts';
import { environment } from '../../src/environment.ts';

const DAY_SEC = 86_400;

/** With the usual settings, the worker of the page would delete the audio a minute later. */
export const PAGE_COMMAND = `KEEP_SOUND=${DAY_SEC} make web`;

/** The page can play the recordings for a day. Processes that start later inherit it; a site that keeps them longer does. */
export function keepSound(homeDir: string): void {
  if (loadConfig(homeDir).view.keepSoundSec < DAY_SEC) process.env['KEEP_SOUND'] = String(DAY_SEC);
}

/** Runs the page with a worker until a signal ends it. Where one runs already, that shows the tasks, too. */
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
