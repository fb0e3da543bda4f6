import { openApp } from '../../app/open.ts';
import { describePause, pausedPart, resume } from '../../tasks/pauses.ts';
import { assertCount, usage } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';
import { ENGINE_OPTION, INSTANCE_OPTION, pauseDocument } from '../pause-options.ts';

export const resumeCommand = defineCommand({
  name: 'resume',
  usage: '',
  details: [
    'Ends the pause of all tasks or, with an option, that of an engine or a worker. A worker that drains still ends.',
  ],
  options: {
    engine: ENGINE_OPTION,
    instance: INSTANCE_OPTION,
    all: { type: 'boolean', help: 'end all pauses' },
  },
  examples: ['autophon resume', 'autophon resume --engine MFA2', 'autophon resume --all'],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('resume', positionals, { min: 0, max: 0, what: 'no arguments' });
    const part = { engine: values.engine ?? null, instance: values.instance ?? null };
    if (values.all && (part.engine !== null || part.instance !== null))
      throw usage('resume', '--all goes with no other option');
    const { output } = context;
    const config = configOf(context);
    await using app = await openApp(config, personalLog(output, config), 'resume');
    const { ended, left } = await resume(app.db, values.all ? null : part);
    for (const one of ended) output.line(`resumed: ${pausedPart(one)}`);
    for (const one of left) output.line(`still paused: ${describePause(one)}`);
    output.json({ resumed: ended.map(pauseDocument), pauses: left.map(pauseDocument) });
    return 0;
  },
});
