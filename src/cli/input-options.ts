import os from 'node:os';
import type { SiteResources } from '../app/resources.ts';
import { parseChannels } from '../base/channels.ts';
import { TaskError } from '../base/errors.ts';
import type { InputChoices } from '../tasks/given-files.ts';
import type { Values } from './args.ts';

/** For the commands that read tables. */
export const COLUMNS_OPTION = {
  type: 'string',
  value: 'LIST',
  help: 'columns of tables by name or letter, such as file=A,begin=Start,end=Stop,text=Trans',
} as const;

/** Options of the commands that take recordings and transcripts. */
export const INPUT_OPTIONS = {
  lang: {
    type: 'string',
    short: 'l',
    value: 'CODE',
    help: 'language of the recordings, such as engUS_SPHINX_v010',
  },
  engine: { type: 'string', value: 'NAME', help: 'engine; the language has one, so this is rarely needed' },
  user: {
    type: 'string',
    short: 'u',
    value: 'NAME',
    help: 'whose task it is (default: your name on this machine)',
  },
  channels: {
    type: 'string',
    value: 'WHAT',
    help: 'channels of the recordings: mix them, or split: each is a speaker; split:Anna,Ben names them',
  },
  'user-dict': {
    type: 'string',
    value: 'FILE',
    help: 'pronunciations for this task: lines of WORD<TAB>PHONES',
  },
  columns: COLUMNS_OPTION,
} as const;

/** @throws TaskError E_USAGE without a language */
export function toInputChoices(
  paths: readonly string[],
  values: Values<typeof INPUT_OPTIONS>,
  { languages }: Pick<SiteResources, 'languages'>,
): InputChoices {
  const { lang } = values;
  if (lang === undefined) {
    throw new TaskError(
      'E_USAGE',
      `which language? Give --lang CODE. Known here: ${[...languages.keys()].join(', ')}`,
    );
  }
  return {
    paths,
    lang,
    engine: values.engine ?? null,
    user: values.user ?? plainUserName(),
    channels: values.channels === undefined ? null : parseChannels(values.channels),
    userDictionaryPath: values['user-dict'] ?? null,
    columns: values.columns ?? null,
  };
}

/** As `nameOnThisMachine`, made a name that the database takes: it becomes the name of a folder. */
function plainUserName(): string {
  const name = nameOnThisMachine()
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9._-]+/g, '')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100);
  return name === '' ? 'user' : name;
}

/** The name of the person at the terminal, for people. */
export function nameOnThisMachine(): string {
  try {
    return os.userInfo().username;
  } catch {
    // In a container the user may have a number and no name.
    return `uid${process.getuid?.() ?? ''}`;
  }
}
