import { openApp } from '../../app/open.ts';
import { describePause, pause } from '../../tasks/pauses.ts';
import { assertCount } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';
import { nameOnThisMachine } from '../input-options.ts';
import {
  ENGINE_OPTION,
  INSTANCE_OPTION,
  parseReason,
  pauseDocument,
  REASON_OPTION,
} from '../pause-options.ts';

export const pauseCommand = defineCommand({
  name: 'pause',
  usage: '',
  details: [
    'Workers on all machines take no more tasks, until "autophon resume". Running tasks go on, and new ones are queued as',
    'usual.',
  ],
  options: { engine: ENGINE_OPTION, instance: INSTANCE_OPTION, reason: REASON_OPTION },
  examples: ['autophon pause --reason "the disk is being replaced"', 'autophon pause --engine MFA2'],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('pause', positionals, { min: 0, max: 0, what: 'no arguments' });
    const part = { engine: values.engine ?? null, instance: values.instance ?? null };
    const asked = { ...part, reason: parseReason('pause', values.reason), by: nameOnThisMachine() };
    const { output } = context;
    const config = configOf(context);
    await using app = await openApp(config, personalLog(output, config), 'pause');
    const pauses = await pause(app.db, asked);
    for (const one of pauses) output.line(describePause(one));
    output.json({ pauses: pauses.map(pauseDocument) });
    return 0;
  },
});
