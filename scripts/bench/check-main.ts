/** One process of the benchmark of `autophon check`. Arguments: `check` or `floor`, then the folder. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadResources } from '../../src/app/resources.ts';
import { silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { check } from '../../src/tasks/check.ts';
import { reportPiece } from './children.ts';

const [piece, dir = '.'] = process.argv.slice(2);
const before = process.cpuUsage();
await reportPiece(async () => {
  const said = piece === 'floor' ? await readAll() : await checkAll();
  const { user, system } = process.cpuUsage(before);
  return { ...said, cpuSec: (user + system) / 1e6 };
});

async function checkAll() {
  const config = readConfig({}, {}, dir);
  const { policy, taskLimits, uploadsDir } = config;
  const { counts, faults } = await check(
    {
      paths: [dir],
      lang: 'engUS_SPHINX_v010',
      engine: null,
      user: 'bench',
      userDictionaryPath: null,
      columns: null,
    },
    {
      ...(await loadResources(config, silentLog)),
      uploadsDir,
      policy,
      taskLimits: { ...taskLimits, fileCount: Number.POSITIVE_INFINITY },
      limits: { timeoutSec: config.taskTimeoutSec, silenceSec: config.engineSilenceSec },
      log: silentLog,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    },
  );
  return { recordings: counts.readyCount, words: counts.wordCount, faults: faults.length };
}

/** The least possible work: each file is read whole, one after the other. */
async function readAll() {
  let bytes = 0;
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await readFile(path.join(entry.parentPath, entry.name))).length;
  return { bytes };
}
