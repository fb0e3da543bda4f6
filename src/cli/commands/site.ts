import { openApp } from '../../app/open.ts';
import { bindUploads, describeSite, type SiteDescription } from '../../tasks/site.ts';
import { assertCount, usage } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';
import type { Output } from '../output.ts';

const OPTIONS = {
  force: { type: 'boolean', help: 'with bind: also when the folder has the marker of another site' },
} as const;

export const siteCommand = defineCommand({
  name: 'site',
  usage: '[bind]',
  details: [
    'UPLOADS holds a file, .autophon-site, with the id of the site in the database. If it is missing, a disk may not be',
    'mounted; if it has another id, the folder belongs to another site. Workers then claim nothing and remove nothing. The',
    'first worker or submit of a new site writes the file. "site bind" writes it to a folder that was moved or restored',
    'without it. Ends with 1 when the folder cannot be used.',
  ],
  options: OPTIONS,
  examples: ['autophon site', 'autophon site bind'],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('site', positionals, { min: 0, max: 1, what: 'nothing, or bind' });
    const [action] = positionals;
    if (action !== undefined && action !== 'bind')
      throw usage('site', `${JSON.stringify(action)}: expected nothing, or bind`);
    const { output } = context;
    const config = configOf(context);
    await using app = await openApp(config, personalLog(output, config), 'site');
    const site =
      action === 'bind'
        ? await bindUploads(app.db, config.uploadsDir, values.force === true)
        : await describeSite(app.db, config.uploadsDir);
    print(site, output);
    return site.fault === null ? 0 : 1;
  },
});

function print({ id, uploadsDir, isBound, fault }: SiteDescription, output: Output): void {
  output.line(`site ${id}, UPLOADS=${uploadsDir}`);
  if (!isBound) output.line('not bound yet: the first worker or submit writes the marker');
  else output.line(fault ?? 'the folder belongs to this site');
  output.json({ site: id, uploads: uploadsDir, isBound, fault });
}
