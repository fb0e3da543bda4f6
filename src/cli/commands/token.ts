import { openApp } from '../../app/open.ts';
import { ROLES, type Role } from '../../base/role.ts';
import type { Db } from '../../db/connect.ts';
import { deleteTokens, listTokens, type TokenRow } from '../../db/web-tokens.ts';
import { addToken } from '../../tasks/web-tokens.ts';
import { assertCount, usage } from '../args.ts';
import { configOf, defineCommand, type ExitCode, personalLog } from '../command.ts';
import type { Output } from '../output.ts';
import { formatTable } from '../table.ts';

const ID = /^[1-9]\d{0,17}$/;

export const tokenCommand = defineCommand({
  name: 'token',
  usage: 'add USER|list|remove ID...',
  details: [
    'With WEB_MODE=token, a token signs its user in to the page; programs send it in the header "Authorization: Bearer',
    'TOKEN". It is shown once, when it is made: the database has only its hash. Roles: user (own tasks), viewer (sees all',
    'tasks, changes nothing), operator (all tasks). A token that was removed is refused at once.',
  ],
  options: {
    role: { type: 'string', value: 'ROLE', help: 'with add: user (default), viewer or operator' },
  },
  examples: ['autophon token add ann', 'autophon token add eve --role viewer', 'autophon token remove 3'],
  run: async ({ values, positionals }, context): Promise<ExitCode> => {
    const [action = '', ...given] = positionals;
    const act = choose(action, given, values.role);
    const config = configOf(context);
    await using app = await openApp(config, personalLog(context.output, config), 'token');
    return await act(app.db, context.output);
  },
});

/** Finds typing errors before the database is opened. */
function choose(
  action: string,
  given: readonly string[],
  role: string | undefined,
): (db: Db, output: Output) => Promise<ExitCode> {
  if (role !== undefined && action !== 'add') throw usage('token', '--role is for "token add"');
  switch (action) {
    case 'add': {
      assertCount('token add', given, { min: 1, max: 1, what: 'one user' });
      const wanted = parseRole(role);
      return (db, output) => add(db, given[0] ?? '', wanted, output);
    }
    case 'list':
      assertCount('token list', given, { min: 0, max: 0, what: 'no arguments' });
      return list;
    case 'remove': {
      assertCount('token remove', given, { min: 1, max: 1000, what: 'the ids of tokens' });
      const wrong = given.find((id) => !ID.test(id));
      if (wrong !== undefined) {
        throw usage(
          'token',
          `${JSON.stringify(wrong)}: expected the id of a token, from "autophon token list"`,
        );
      }
      return (db, output) => remove(db, given, output);
    }
    default:
      throw usage('token', `${JSON.stringify(action)}: expected add, list or remove`);
  }
}

function parseRole(text = 'user'): Role {
  const role = ROLES.find((known) => known === text);
  if (role !== undefined) return role;
  throw usage('token', `--role: expected ${ROLES.join(', ')}, found ${JSON.stringify(text)}`);
}

async function add(db: Db, user: string, role: Role, output: Output): Promise<ExitCode> {
  const made = await addToken(db, user, role);
  output.line(made.token);
  output.note(`token ${made.id} of ${user}, role ${role}. It is not shown again.`);
  output.json({ ...toDocument(made), token: made.token });
  return 0;
}

async function list(db: Db, output: Output): Promise<ExitCode> {
  const tokens = (await listTokens(db)).map(toDocument);
  const titles = ['id', 'user', 'role', 'made', 'used last'].map((title) => ({ title }));
  const rows = tokens.map(({ id, user, role, createdAt, usedOn }) => [
    id,
    user,
    role,
    createdAt.slice(0, 10),
    usedOn ?? 'never',
  ]);
  if (tokens.length === 0) output.line('no tokens; "autophon token add USER" makes one');
  else output.lines(formatTable(titles, rows));
  output.json({ tokens });
  return 0;
}

async function remove(db: Db, ids: readonly string[], output: Output): Promise<ExitCode> {
  const removed = await deleteTokens(db, ids);
  const missing = ids.filter((id) => !removed.includes(id));
  for (const id of removed) output.line(`removed token ${id}`);
  for (const id of missing) output.note(`there is no token ${id}`);
  output.json({ removed, missing });
  return missing.length === 0 ? 0 : 2;
}

function toDocument({ id, user_uuid, role, created_at, used_on }: TokenRow) {
  return { id, user: user_uuid, role, createdAt: created_at.toISOString(), usedOn: used_on };
}
