import { checkEngines } from '../../app/check-engines.ts';
import { findDatabase, migrateDatabase } from '../../app/open.ts';
import { loadResources } from '../../app/resources.ts';
import { plural } from '../../base/count-text.ts';
import { silentLog } from '../../base/log.ts';
import { connect } from '../../db/connect.ts';
import { noteCatalogue, readLanguages } from '../../tasks/catalogue.ts';
import { assertCount, wholeNumber } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';
import { formatFault } from '../failure.ts';

export const migrateCommand = defineCommand({
  name: 'migrate',
  usage: '',
  details: [
    'Applies the missing migrations in order; run it after each update. Then updates the tables "engines" and "languages",',
    'where web applications read what can be run. It is safe at any time, also twice at the same moment.',
  ],
  options: {
    wait: {
      type: 'string',
      value: 'SECONDS',
      help: 'how long to wait for a lock that another session holds (default 60)',
    },
  },
  examples: ['autophon migrate'],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('migrate', positionals, { min: 0, max: 0, what: 'no arguments' });
    const { output } = context;
    const config = configOf(context);
    const url = await findDatabase(config, personalLog(output, config));
    const { applied, total, newer } = await migrateDatabase(config, url, {
      ...(values.wait === undefined
        ? {}
        : { lockLimitMs: 1000 * wholeNumber('migrate', '--wait', values.wait) }),
      onWait: (text) => output.note(text),
    });
    for (const name of applied) output.line(`applied ${name}`);
    output.line(
      applied.length === 0
        ? `the database is up to date: ${total} migrations`
        : `${plural(applied.length, 'migration')} applied`,
    );

    if (newer.length > 0)
      output.line(`a newer version has applied ${newer.join(', ')}; this version works with that`);
    const resources = await loadResources(config, silentLog);
    const found = {
      engines: (await checkEngines(config, resources, silentLog)).engines,
      languages: await readLanguages(config.adminDir, resources.engines),
    };
    const db = connect({ url, applicationName: 'autophon migrate', maxConnections: 1 });
    try {
      await noteCatalogue(db, found);
    } finally {
      await db.destroy();
    }
    const { languages, broken, faults } = found.languages;
    const ready = [...found.engines].filter(([, { state }]) => state === 'ready').map(([name]) => name);
    output.line(`engines ready: ${ready.join(', ') || 'none'}; ${plural(languages.size, 'language')}`);
    for (const fault of faults) output.note(formatFault(fault, output));
    if (broken.size > 0) output.note(`cannot be run: ${[...broken.keys()].join(', ')}`);
    output.json({
      applied,
      total,
      newer,
      engines: ready,
      languages: [...languages.keys()],
      broken: [...broken.keys()],
      faults,
    });
    return 0;
  },
});
