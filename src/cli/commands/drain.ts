import { openApp } from '../../app/open.ts';
import { describePause, drain } from '../../tasks/pauses.ts';
import { assertCount } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';
import { nameOnThisMachine } from '../input-options.ts';
import { INSTANCE_OPTION, parseReason, pauseDocument, REASON_OPTION } from '../pause-options.ts';

export const drainCommand = defineCommand({
  name: 'drain',
  usage: '',
  details: [
    'Workers take no more tasks, finish those that they run, however long that takes, and end with status 0. Without',
    '--instance this is for all workers that run now; those that are started later work as usual.',
  ],
  options: { instance: INSTANCE_OPTION, reason: REASON_OPTION },
  examples: ['autophon drain --instance 0f91b185 --reason update'],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('drain', positionals, { min: 0, max: 0, what: 'no arguments' });
    const reason = parseReason('drain', values.reason);
    const { output } = context;
    const config = configOf(context);
    await using app = await openApp(config, personalLog(output, config), 'drain');
    const drained = await drain(app.db, {
      instance: values.instance ?? null,
      reason,
      by: nameOnThisMachine(),
    });
    for (const one of drained) output.line(describePause(one));
    if (drained.length === 0) output.line('no worker is running');
    output.json({ pauses: drained.map(pauseDocument) });
    return 0;
  },
});
