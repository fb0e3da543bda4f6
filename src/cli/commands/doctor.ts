import { checkEngines } from '../../app/check-engines.ts';
import { findDatabase } from '../../app/open.ts';
import { loadResources } from '../../app/resources.ts';
import { plural } from '../../base/count-text.ts';
import { TaskError } from '../../base/errors.ts';
import { type Log, silentLog } from '../../base/log.ts';
import type { Config } from '../../config.ts';
import { connect } from '../../db/connect.ts';
import { type Catalogue, noteCatalogue, readLanguages } from '../../tasks/catalogue.ts';
import { type Check, type CheckState, checker } from '../../tasks/doctor/check.ts';
import { checkDatabase, describeDatabaseError } from '../../tasks/doctor/database.ts';
import { checkDeliverySettings } from '../../tasks/doctor/deliveries.ts';
import { checkEngineHealth, withoutBlame } from '../../tasks/doctor/engines.ts';
import { checkFolders, findSpoilt } from '../../tasks/doctor/folders.ts';
import { checkLanguages } from '../../tasks/doctor/languages.ts';
import { checkSettings, describeConfigError } from '../../tasks/doctor/settings.ts';
import { checkSystem } from '../../tasks/doctor/system.ts';
import { assertCount } from '../args.ts';
import { type CommandContext, configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';
import type { Output, Style } from '../output.ts';
import { displayWidth, pad } from '../terminal-text.ts';

const STYLES: Readonly<Record<CheckState, Style>> = { ok: 'green', warn: 'yellow', wrong: 'red', off: 'dim' };
const WORDS: Readonly<Record<CheckState, string>> = { ok: 'ok', warn: 'warn', wrong: 'WRONG', off: '-' };
const STATE_WIDTH = 5;
/** Columns for what was found, even on narrower terminals. */
const MIN_FOUND_WIDTH = 24;

export const doctorCommand = defineCommand({
  name: 'doctor',
  usage: '',
  details: [
    'Tests everything that a worker needs, by using it. Ends with 1 if something necessary is wrong. Also updates the',
    'tables "engines" and "languages".',
  ],
  options: {
    problems: { type: 'boolean', help: 'show only problems' },
  },
  examples: ['autophon doctor', 'autophon doctor --problems'],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    assertCount('doctor', positionals, { min: 0, max: 0, what: 'no arguments' });
    const { output } = context;
    const checks = await examine(context);
    const isHealthy = checks.every(({ state }) => state !== 'wrong');
    const shown = values.problems
      ? checks.filter(({ state }) => state === 'warn' || state === 'wrong')
      : checks;
    output.lines(formatChecks(shown, output));
    output.line(summarise(checks, output));
    output.json({ healthy: isHealthy, checks: shown });
    return isHealthy ? 0 : 1;
  },
});

async function examine(context: CommandContext): Promise<Check[]> {
  let config: Config;
  try {
    config = configOf(context);
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    return [...describeConfigError(error), ...(await checkSystem(null))];
  }
  const { found, tempDirFault, fault } = await findEnginesAndLanguages(config);
  const folders = await checkFolders(config, tempDirFault);
  const spoilt = findSpoilt(folders);
  const engines = spoilt === null ? found.engines : withoutBlame(found.engines, spoilt);
  const isSure = fault === null && spoilt === null;
  const { output, homeDir } = context;
  return [
    ...checkSettings(config, homeDir),
    ...(await checkSystem(config)),
    ...(await checkDeliverySettings(config)),
    ...folders,
    ...(await examineDatabase(config, isSure ? found : null, personalLog(output, config))),
    ...checkEngineHealth(engines),
    ...(fault === null ? [] : [checker('languages')('wrong', 'ADMIN', fault.message)]),
    ...(await checkLanguages(found.languages, engines)),
  ];
}

interface Finding {
  readonly found: Catalogue;
  /** Why no engine could be tried. */
  readonly tempDirFault: TaskError | null;
  /** Why the languages of the site cannot be read; then only those that come with the program are among `found`. */
  readonly fault: TaskError | null;
}

async function findEnginesAndLanguages(config: Config): Promise<Finding> {
  const find = async (adminDir: string | null): Promise<Omit<Finding, 'fault'>> => {
    const resources = await loadResources({ ...config, adminDir }, silentLog);
    const { engines, fault } = await checkEngines(config, resources, silentLog);
    const languages = await readLanguages(adminDir, resources.engines);
    return { found: { engines, languages }, tempDirFault: fault };
  };
  try {
    return { ...(await find(config.adminDir)), fault: null };
  } catch (error) {
    if (!(error instanceof TaskError) || config.adminDir === null) throw error;
    return { ...(await find(null)), fault: error };
  }
}

/** @param found - null: not all is known, so the tables of engines and languages stay as they are */
async function examineDatabase(config: Config, found: Catalogue | null, log: Log): Promise<Check[]> {
  try {
    const url = await findDatabase(config, log);
    const db = connect({ url, applicationName: 'autophon doctor', maxConnections: 4 });
    try {
      const checks = await checkDatabase({ db, url, isBuiltIn: config.databaseUrl === null });
      const isMigrated = checks.some(({ subject, state }) => subject === 'migrations' && state === 'ok');
      if (isMigrated && found !== null) await noteCatalogue(db, found);
      return checks;
    } finally {
      await db.destroy();
    }
  } catch (error) {
    return [describeDatabaseError(error)];
  }
}

/** Problems come first, and the many lines of the settings last. */
function formatChecks(checks: readonly Check[], output: Output): string[] {
  const isProblem = ({ state }: Check) => state === 'wrong' || state === 'warn';
  const problems = checks
    .filter(isProblem)
    .toSorted((a, b) => Number(b.state === 'wrong') - Number(a.state === 'wrong'));
  const others = checks.filter((one) => !isProblem(one));
  const order = [
    ...others.filter(({ area }) => area !== 'settings'),
    ...others.filter(({ area }) => area === 'settings'),
  ];
  const width = Math.max(0, ...checks.map(({ subject }) => displayWidth(subject)));
  return [
    ...formatSection('to fix', problems, width, output),
    ...[...Map.groupBy(order, ({ area }) => area)].flatMap(([area, ofArea]) =>
      formatSection(area, ofArea, width, output),
    ),
  ];
}

function formatSection(title: string, checks: readonly Check[], width: number, output: Output): string[] {
  if (checks.length === 0) return [];
  const indent = ' '.repeat(STATE_WIDTH + width + 6);
  const room =
    output.width === null
      ? Number.POSITIVE_INFINITY
      : Math.max(MIN_FOUND_WIDTH, output.width - indent.length);
  return [
    output.paint(title, 'bold'),
    ...checks.flatMap(({ state, subject, found, fix }) => {
      const word = output.paint(pad(WORDS[state], STATE_WIDTH), STYLES[state]);
      const texts = [...found.split('\n'), ...(fix === null ? [] : [`fix: ${fix}`])];
      const [first = '', ...more] = texts.flatMap((text) => output.wrap(text, room));
      return [`  ${word}  ${pad(subject, width)}  ${first}`, ...more.map((line) => indent + line)];
    }),
    '',
  ];
}

function summarise(checks: readonly Check[], output: Output): string {
  const count = (wanted: CheckState) => checks.filter(({ state }) => state === wanted).length;
  const wrong = count('wrong');
  const warnings = plural(count('warn'), 'warning');
  if (wrong > 0) return output.paint(`${plural(wrong, 'thing')} to fix, ${warnings}`, 'red', 'bold');
  return output.paint(`everything that is needed works, ${warnings}`, 'green', 'bold');
}
