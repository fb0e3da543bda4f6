import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { parseFilter, parsePage } from '../../src/cli/commands/list.ts';
import { parseMoment } from '../../src/cli/moment.ts';
import { Output } from '../../src/cli/output.ts';
import { formatTaskList } from '../../src/cli/task-list.ts';
import { displayWidth } from '../../src/cli/terminal-text.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { countTasks, type ListedTask, listTaskPage } from '../../src/db/task-list.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { runCli, runJson } from './run-cli.ts';

const test = suite<{ site: Site }>('list');
let db: Db;
// Local times differ from machine to machine.
process.env['TZ'] = 'UTC';

interface ListDocument {
  readonly tasks: readonly {
    readonly error: { readonly code: string; readonly message: string } | null;
  }[];
}

test.before(async (context) => {
  const site = await createSite();
  context.site = site;
  db = connect({ url: site.url, maxConnections: 1, applicationName: 'list test' });
  // a1 is the oldest.
  await site.sql.query(`
    INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, created_at) VALUES
      ('a1', 'ann', 'engUS_SPHINX_v010', 'ann/upl/a1', 'uploaded', '2026-03-01 23:59:59Z'),
      ('a2', 'ann', 'engUS_MFA1_v010', 'ann/upl/a2', 'uploaded', '2026-03-02 12:00Z'),
      ('b1', 'ben', 'sweSE_MFA1_v020', 'ben/upl/b1', 'uploaded', '2026-03-03 00:00Z'),
      ('b2', 'ben', 'engUS_SPHINX_v010', 'ben/upl/b2', 'uploaded', '2026-03-04 09:30Z'),
      ('b3', 'ben', NULL, NULL, 'uploading', now())`);
  const fail = (taskId: string, code: string, message: string) =>
    site.sql.query(
      "UPDATE tasks SET task_status = 'failed', error_code = $2, error_message = $3 WHERE task_id = $1",
      [taskId, code, message],
    );
  await fail('a1', 'E_AUDIO_CUT_SHORT', 'x'.repeat(10_000));
  await fail('b2', 'E_DISK_FULL', 'no room');
  await site.sql.query("UPDATE tasks SET cancel_requested = true WHERE task_id = 'a2'");
  await site.sql.query(
    `UPDATE tasks SET warnings = '[{"code": "W_X"}, {"code": "W_Y"}]' WHERE task_id = 'b1'`,
  );
});
test.after(async ({ site }) => {
  await db.destroy();
  await site[Symbol.asyncDispose]();
});

type Options = Parameters<typeof parseFilter>[0];

const list = async (options: Options) => {
  const { tasks, next } = await listTaskPage(db, parseFilter(options), parsePage(options));
  return { ids: tasks.map(({ task_id }) => task_id).join(' '), next };
};

test('shows the newest first, chosen by user, status, error code, language and time, or by several of them', async () => {
  const cases: [options: Options, ids: string][] = [
    [{}, 'b3 b2 b1 a2 a1'],
    [{ user: 'ann' }, 'a2 a1'],
    [{ user: 'nobody' }, ''],
    [{ status: 'failed' }, 'b2 a1'],
    [{ status: 'failed, cancelled' }, 'b2 a2 a1'],
    [{ code: 'E_DISK_FULL' }, 'b2'],
    [{ lang: 'engUS' }, 'b2 a2 a1'],
    [{ lang: 'engUS_SPHINX_v010', user: 'ben' }, 'b2'],
    [{ lang: 'engUS_%' }, ''],
    [{ since: '2026-03-02', until: '2026-03-02' }, 'a2'],
    [{ since: '2026-03-02 12:00', until: '2026-03-04 09:30' }, 'b1 a2'],
    [{ until: '2026-03-02T13:00+02:00' }, 'a1'],
    [{ since: '24h' }, 'b3'],
  ];
  for (const [options, ids] of cases) assert.equal((await list(options)).ids, ids, JSON.stringify(options));
});

test('the next page starts after the last one, also when tasks were added or deleted meanwhile', async ({
  site,
}) => {
  await site.sql.query("INSERT INTO tasks (task_id, user_uuid) VALUES ('c1', 'cleo')");
  const first = await list({ limit: '1' });
  assert.equal(first.ids, 'c1');
  await site.sql.query("DELETE FROM tasks WHERE user_uuid = 'cleo'");
  await site.sql.query("INSERT INTO tasks (task_id, user_uuid) VALUES ('c2', 'cleo')");
  const second = await list({ limit: '3', cursor: first.next ?? '' });
  assert.equal(second.ids, 'b3 b2 b1');
  const last = await list({ limit: '2', cursor: second.next ?? '' });
  assert.deepEqual(last, { ids: 'a2 a1', next: null });
  await site.sql.query("DELETE FROM tasks WHERE user_uuid = 'cleo'");
  const { stdout } = await runCli(['list', '--limit', '2'], site.env);
  assert.match(stdout, /\nThere are more: run the same command with --cursor \d+_\d+\n$/);
});

test('a page reads a limited number of rows: a search for rare tasks goes on with the next page', async () => {
  const pagesOf = async (options: Options) => {
    const pages: string[] = [];
    let cursor: string | null = null;
    do {
      const { tasks, next } = await listTaskPage(db, parseFilter(options), { cursor, limit: 50 }, 2);
      pages.push(tasks.map(({ task_id }) => task_id).join(' '));
      cursor = next;
    } while (cursor !== null);
    return pages;
  };
  assert.deepEqual(await pagesOf({ lang: 'engUS_MFA1' }), ['', 'a2', '']);
  assert.deepEqual(await pagesOf({ lang: 'engUS', user: 'ben' }), ['b2', '']);
  assert.deepEqual(await pagesOf({ lang: 'engUS', since: '2026-03-02', until: '2026-03-04' }), ['b2', 'a2']);
  assert.deepEqual(await pagesOf({ lang: 'engUS', status: 'failed' }), ['b2 a1']);
  // One index has everything that is needed: nothing has to be searched.
  assert.deepEqual(await pagesOf({ user: 'ben' }), ['b3 b2 b1']);
});

test('a count says whether it has looked at all tasks', async ({ site }) => {
  const count = async (options: Options, search: string | null = null) => {
    const { counts, isComplete } = await countTasks(db, { ...parseFilter(options), search }, 3);
    return [counts.reduce((sum, one) => sum + one.count, 0), isComplete];
  };
  assert.deepEqual(await count({ lang: 'engUS' }), [1, false]);
  assert.deepEqual(await count({ lang: 'engUS', user: 'ann' }), [2, true]);
  assert.deepEqual(await count({}), [5, true]);
  assert.deepEqual(await count({ status: 'failed,uploading' }), [3, true]);
  // A whole id is found at once, however old its task is.
  assert.deepEqual(await count({}, 'a1'), [1, true]);
  // The id of another user's task is searched as text.
  await site.sql.query("UPDATE tasks SET name = 'like a1' WHERE task_id = 'b1'");
  assert.deepEqual(await count({ user: 'ben' }, 'a1'), [1, true]);
  assert.deepEqual(await count({}, 'a1'), [1, true]);
});

test('shows the error of each failed task and the number of warnings of the others', async ({ site }) => {
  const { stdout } = await runCli(['list'], { ...site.env, TZ: 'UTC' });
  assert.match(stdout, /^task +status +made +language +user +note\n/);
  assert.match(stdout, /^b1 +uploaded +2026-03-03 00:00 \+0000 {2}sweSE_MFA1_v020 +ben +2 warnings$/m);
  assert.match(
    stdout,
    /^a1 +failed +2026-03-01 23:59 \+0000 {2}engUS_SPHINX_v010 {2}ann +E_AUDIO_CUT_SHORT$/m,
  );
  const { document } = await runJson<ListDocument>(
    ['list', '--user', 'ann', '--code', 'E_AUDIO_CUT_SHORT'],
    site.env,
  );
  // A message may be a million characters long; `show` prints all of it.
  assert.deepEqual(document.tasks[0]?.error, { code: 'E_AUDIO_CUT_SHORT', message: 'x'.repeat(200) });
});

test('says when there are none', async ({ site }) => {
  const { stdout, exitCode } = await runCli(['list', '--user', 'nobody'], site.env);
  assert.deepEqual([stdout, exitCode], ['no such tasks\n', 0]);
});

test('invalid filters are refused with what was expected', async ({ site }) => {
  const cases: [options: Options, said: RegExp][] = [
    [{ status: 'faild' }, /no status "faild"; did you mean failed\?/],
    [{ status: 'failed,' }, /no status ""; there are uploading, /],
    [{ code: 'E_DISK_FUL' }, /did you mean E_DISK_FULL\?/],
    [{ since: 'yesterday' }, /--since: expected a day \(2026-03-01\).* found "yesterday"/],
    [{ until: '2026-02-30' }, /--until: expected a day/],
    [{ since: '2026-03-01 25:00' }, /--since: expected a day/],
    [{ limit: '0' }, /--limit: expected 1 to 1000, found 0/],
    [{ limit: 'all' }, /--limit: expected a whole number/],
    [{ cursor: 'b2' }, /--cursor: expected a cursor from an earlier list, found "b2"/],
  ];
  for (const [options, said] of cases)
    await assert.rejects(list(options), { code: 'E_USAGE', message: said });
  const { exitCode, stderr } = await runCli(['list', 'ann'], site.env);
  assert.match(stderr, /"ann": expected no arguments/);
  assert.equal(exitCode, 2);
});

test('its columns line up on a terminal of 80 columns, whatever is in the rows', () => {
  const stdout = {
    isTTY: true,
    columns: 80,
    rows: 24,
    hasColors: () => true,
    write: () => true,
    on: () => stdout,
  };
  const output = new Output({ json: false, stdout: stdout as never });
  const row = (task_id: string, user_uuid: string, lang: string | null, error_code: string | null) => ({
    ...{ task_id, user_uuid, lang, error_code, task_status: 'failed', warning_count: 0 },
    ...{ stage: null, progress: 0, created_at: new Date(0) },
  });
  const rows = [
    row('3f2a9c1e-77bc-4068-82e3-3c3e97081515', 'anna', 'engUS_SPHINX_v010', 'E_DICTIONARY_MALFORMED'),
    row('3f2a9c1e-77bc-4068-82e3-3c3e97081516', '7d9349a4-0352-4125-9e86-31dde2e00f33', null, null),
    row('i'.repeat(100), 'u'.repeat(100), 'l'.repeat(200), 'E_IO'),
  ] as unknown as ListedTask[];
  for (const chosen of [rows, rows.slice(0, 2), rows.slice(0, 1)]) {
    const lines = formatTaskList(chosen, true, output);
    const starts = lines.map((line) => displayWidth(line.slice(0, line.search(/1970|made/))));
    assert.equal(new Set(starts).size, 1, lines.join('\n'));
    assert.ok(
      lines.every((line) => displayWidth(line) <= 80),
      lines.join('\n'),
    );
  }
});

test('a time is local where it names no zone, and a day ends when the next one begins', () => {
  const moment = (text: string, edge: 'start' | 'end' = 'start') =>
    parseMoment('list', '--since', text, edge);
  assert.deepEqual(moment('2026-03-01'), new Date(2026, 2, 1));
  assert.deepEqual(moment('2026-12-31', 'end'), new Date(2027, 0, 1));
  assert.deepEqual(moment('2026-03-01 15:54'), new Date(2026, 2, 1, 15, 54));
  assert.deepEqual(moment('2026-03-01T15:54:30Z', 'end'), new Date(Date.UTC(2026, 2, 1, 15, 54, 30)));
  // The time is taken first, because the clock may advance between the two.
  const past = moment('90min').getTime();
  const ago = Date.now() - past;
  assert.ok(ago >= 90 * 60_000 && ago < 91 * 60_000);
});

test.run();
