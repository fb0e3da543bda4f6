import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { type Finding, formatFinding } from '../../src/base/finding.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { runJson } from '../cli/run-cli.ts';

const test = suite('the faults of a task that fails');
let site: Site;
let instance: Instance;

test.before(async () => {
  site = await createSite();
  instance = await startInstance(site);
});
test.after(async () => {
  await instance.stop();
  await site[Symbol.asyncDispose]();
});

test('its row and show --json have all faults as data, and they are cleared when it is tried again', async () => {
  const taskPath = await site.addFiles('ann', 'lost', 'one', 3);
  for (const name of ['talk1.wav', 'talk3.TextGrid']) rmSync(path.join(site.uploadsDir, taskPath, name));
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
     VALUES ('lost', 'ann', $1, $2, 'uploaded')`,
    [TRIVIAL_LANGUAGE, taskPath],
  );
  const row = await site.waitFor('lost', 'failed', 'completed');
  const faults = row['faults'] as Finding[];
  assert.deepEqual(
    faults.map(({ code, place }) => [code, place]),
    [
      ['E_AUDIO_MISSING', { file: 'talk1.TextGrid' }],
      ['E_TRANSCRIPT_MISSING', { file: 'talk3.wav' }],
    ],
  );
  assert.equal(row.error_message, faults.map(formatFinding).join('\n'));
  const { document } = await runJson<{ faults: Finding[] }>(['show', 'lost'], site.env);
  assert.deepEqual(document.faults, faults);

  await instance.stop();
  await site.sql.query("UPDATE tasks SET task_status = 'uploaded' WHERE task_id = 'lost'");
  assert.deepEqual((await site.row('lost'))['faults'], []);
});

test.run();
