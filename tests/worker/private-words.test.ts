import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'uvu';
import { ERROR_CODES, type ErrorCode, TaskError, toLogFields } from '../../src/base/errors.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';

const SECRET = 'geheimnis';

test('words of a transcript are not in the log of the worker, however the task ends', async () => {
  await using site = await createSite();
  const instance = await startInstance(site);
  try {
    const unknown = await site.waitFor(await site.addTask(`one ${SECRET} two three`), 'completed');
    assert.match(JSON.stringify(unknown['warnings']), new RegExp(SECRET));
    const foreign = await site.waitFor(await site.addTask(`${SECRET}s ${SECRET}e ${SECRET}`), 'failed');
    assert.match(foreign.error_message ?? '', new RegExp(SECRET));

    const taskPath = await site.addFiles('ann', 'broken', SECRET);
    const file = path.join(site.uploadsDir, taskPath, 'talk1.TextGrid');
    await writeFile(file, (await readFile(file, 'utf8')).replace(`"${SECRET}"`, `"${SECRET}`));
    await site.sql.query(
      "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ('broken', 'ann', $1, $2, 'uploaded')",
      [TRIVIAL_LANGUAGE, taskPath],
    );
    assert.equal((await site.waitFor('broken', 'failed')).error_code, 'E_TEXTGRID_MALFORMED');
    await instance.event('task.failed', ({ taskId }) => taskId === 'broken');
  } finally {
    await instance.stop();
  }
  assert.ok(instance.events.some(({ event, code }) => event === 'task.failed' && code === 'E_WORDS_UNKNOWN'));
  assert.doesNotMatch(JSON.stringify(instance.events), new RegExp(SECRET));
});

test('for a fault that may quote a transcript or an engine, the log has only the code', () => {
  const quoting = (Object.keys(ERROR_CODES) as ErrorCode[]).filter(
    (code) => toLogFields(new TaskError(code, SECRET)).error === undefined,
  );
  for (const code of [
    'E_WORDS_UNKNOWN',
    'E_TEXTGRID_MALFORMED',
    'E_TEXT_ENCODING',
    'E_ENGINE_FAILED',
    'E_ENGINE_SILENT',
    'E_NOT_ALIGNED',
    'E_OUTPUT_INVALID',
    'E_LIMIT',
    'E_INTERNAL',
  ] as const)
    assert.ok(quoting.includes(code), code);
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  assert.deepEqual(toLogFields(full), {
    code: 'E_DISK_FULL',
    error:
      'the disk is full: ENOSPC: no space left on device, write; free disk space ("autophon doctor" shows which folder has none)',
  });
});

test.run();
