import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import type { Engine } from '../../../src/engines/engine.ts';
import { createMfa1 } from '../../../src/engines/mfa/mfa1.ts';
import { createMfa2 } from '../../../src/engines/mfa/mfa2.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import {
  type MfaBehaviour,
  type MfaStandIn,
  type MfaStandInStart,
  makeContext,
  makeDir,
  makeRequest,
  makeStandIn,
  removeDirs,
  type Spoken,
  wordsByTier,
} from '../../../testing/mfa.ts';
import { foldersOf, type StartPlan, startAgain } from '../../support/mfa-again.ts';

/*
 * Losses of MFA that occur only if it is started in ways in which the driver never starts it. Each test lets the driver
 * align, then starts the program again as the driver did, with one thing changed, and checks that the result is lost.
 */

type Files = Readonly<Record<string, Readonly<Record<string, Spoken>>>>;
const TALKS: Files = {
  'day 1/talk': { ann: [[0, 3, 'red fox']] },
  'day 2/talk': { ann: [[0, 3, 'blue hen']], ben: [[3, 6, 'green dog']] },
};
const OTHER: Files = { talk: { cid: [[0, 3, 'three white owls']] } };
const GRIDS = ['f1.TextGrid', 'f2.TextGrid'];

test.after(removeDirs);

for (const name of ['MFA1', 'MFA2'] as const) {
  test(`${name} started again in new folders, as the driver does, returns all files`, async () => {
    const driver = makeDriver(name);
    const again = await startAgain(driver, await align(driver));
    assert.deepEqual([again.exitCode, gridsIn(again.out)], [0, GRIDS]);
  });

  test(`${name} writing into its corpus deletes or overwrites it: its output has another folder`, async () => {
    const driver = makeDriver(name);
    const start = await align(driver);
    const { corpus } = foldersOf(start);
    assert.deepEqual(readdirSync(corpus).sort(), ['f1.TextGrid', 'f1.wav', 'f2.TextGrid', 'f2.wav']);
    const isAsGiven = (grid: string) => existsSync(grid) && readFileSync(grid, 'utf8').includes('"S1"');
    assert.ok(isAsGiven(path.join(corpus, 'f1.TextGrid')));
    const again = await startAgain(driver, start, (plan) => {
      plan.out = plan.corpus;
    });
    assert.ok(!isAsGiven(path.join(again.corpus, 'f1.TextGrid')));
  });

  test(`${name} is not started in a folder that an earlier start has used`, async () => {
    const driver = makeDriver(name);
    const context = makeContext();
    mkdirSync(path.join(context.workDir, 'out'));
    await assert.rejects(driver.engine.align(makeRequest(TALKS), context), { code: 'EEXIST' });
    assert.deepEqual(await driver.starts(), []);
  });
}

test('MFA 1 fails if its corpus has a comma in its name: the name has letters and digits only', async () => {
  const driver = makeDriver('MFA1');
  const start = await align(driver);
  assert.match(path.basename(foldersOf(start).corpus), /^[a-z0-9]+$/);
  const again = await startAgain(driver, start, (plan) => renameCorpus(plan, 'c,1'));
  assert.deepEqual([again.exitCode, gridsIn(again.out)], [1, []]);
});

test('MFA 1 returns nothing, with exit 0, for two files of one name in two folders: files are numbered, in one folder', async () => {
  const driver = makeDriver('MFA1');
  const again = await startAgain(driver, await align(driver), ({ corpus }) => {
    moveFile(corpus, 'f1', 'day1/talk');
    moveFile(corpus, 'f2', 'day2/talk');
  });
  assert.deepEqual([again.exitCode, gridsIn(again.out)], [0, []]);
});

test('MFA 1 passes over texts beside TextGrids, with exit 0: all are given as TextGrids', async () => {
  const driver = makeDriver('MFA1');
  const again = await startAgain(driver, await align(driver), ({ corpus }) => {
    const grid = path.join(corpus, 'f1.TextGrid');
    const text = labelsIn(grid).find((label) => label !== '');
    assert.ok(text);
    rmSync(grid);
    writeFileSync(path.join(corpus, 'f1.lab'), text);
  });
  assert.deepEqual([again.exitCode, gridsIn(again.out)], [0, ['f2.TextGrid']]);
});

test('the beta of 1.1 passes over TextGrids in folders, with exit 0: none is in one', async () => {
  const driver = makeDriver('MFA1', { version: '1.1.0-beta' });
  const again = await startAgain(driver, await align(driver), ({ corpus }) =>
    moveFile(corpus, 'f1', 'day1/f1'),
  );
  assert.deepEqual([again.exitCode, gridsIn(again.out)], [0, ['f2.TextGrid']]);
});

test('the beta of 1.1 loses a file with an empty tier, with exit 0: it gets no such tier', async () => {
  const driver = makeDriver('MFA1', { version: '1.1.0-beta' });
  const start = await align(driver, {
    a: { ann: [[0, 3, 'red fox']], ben: [] },
    b: { cid: [[0, 3, 'blue hen']] },
  });
  const again = await startAgain(driver, start, ({ corpus }) =>
    appendFileSync(path.join(corpus, 'f1.TextGrid'), EMPTY_TIER),
  );
  assert.deepEqual([again.exitCode, gridsIn(again.out)], [0, ['f2.TextGrid']]);
});

test('MFA 1 gives the words of an earlier corpus of the same name: name and folders are new each time', async () => {
  const driver = makeDriver('MFA1');
  const [first, second] = [await align(driver), await align(driver, OTHER)];
  const [before, now] = [foldersOf(first), foldersOf(second)];
  assert.notEqual(path.basename(before.corpus), path.basename(now.corpus));
  for (const { workDir, ...folders } of [before, now]) {
    for (const folder of Object.values(folders)) assert.equal(path.dirname(folder), workDir);
  }
  const again = await startAgain(driver, second, (plan) => {
    renameCorpus(plan, path.basename(before.corpus));
    plan.temp = before.temp;
  });
  const wordCounts = [now.out, again.out].map((out) => countWords(path.join(out, 'f1.TextGrid')));
  assert.deepEqual([again.exitCode, wordCounts], [0, [3, 2]]);
});

test('MFA 1 empties its output folder with -c, and after a crash under the same name: it gets a new one', async () => {
  const driver = makeDriver('MFA1');
  const start = await align(driver);
  assert.ok(!start.argv.includes('-c'));
  const isEmptied = async (change: (plan: StartPlan) => void) => {
    const { out } = await startAgain(driver, start, (plan) => {
      change(plan);
      writeFileSync(path.join(plan.out, 'earlier.TextGrid'), '');
    });
    return !gridsIn(out).includes('earlier.TextGrid');
  };
  const temp = makeDir();
  const underOneName = (plan: StartPlan) => {
    renameCorpus(plan, 'corpus');
    plan.temp = temp;
  };
  assert.ok(!(await isEmptied(() => undefined)));
  assert.ok(await isEmptied(({ options }) => options.push('-c')));
  const crashing = makeDriver('MFA1', { crashAfterFiles: 1 });
  assert.equal((await startAgain(crashing, start, underOneName)).exitCode, 1);
  assert.ok(await isEmptied(underOneName));
});

test('MFA 2 without --clean gives the files of the run before, with exit 0: it starts clean, in a root of its own', async () => {
  const driver = makeDriver('MFA2');
  const [first, second] = [await align(driver), await align(driver, OTHER)];
  for (const { argv, env, cwd } of [first, second]) {
    assert.ok(argv.includes('--clean'));
    assert.equal(path.dirname(env['MFA_ROOT_DIR'] ?? ''), cwd);
  }
  const alignAgain = (isClean: boolean) =>
    startAgain(driver, second, (plan) => {
      renameCorpus(plan, path.basename(foldersOf(first).corpus));
      plan.root = first.env['MFA_ROOT_DIR'] ?? '';
      if (!isClean) plan.options.splice(plan.options.indexOf('--clean'), 1);
    });
  const stale = await alignAgain(false);
  assert.deepEqual([stale.exitCode, gridsIn(stale.out)], [0, GRIDS]);
  assert.deepEqual(gridsIn((await alignAgain(true)).out), ['f1.TextGrid']);
});

test('MFA 3.4 refuses a corpus below its root: the root lies beside the corpus', async () => {
  const driver = makeDriver('MFA2', { version: '3.4.0' });
  const again = await startAgain(driver, await align(driver), (plan) => {
    plan.root = path.dirname(plan.corpus);
  });
  assert.deepEqual([again.exitCode, gridsIn(again.out)], [2, []]);
  assert.match(again.lastLines.at(-1) ?? '', /cannot be in the temporary directory/);
});

interface Driver extends MfaStandIn {
  readonly engine: Engine;
}

function makeDriver(name: 'MFA1' | 'MFA2', behaviour: MfaBehaviour = {}): Driver {
  const create = name === 'MFA1' ? createMfa1 : createMfa2;
  const standIn = makeStandIn(name === 'MFA1' ? 'mfa_align' : 'mfa', behaviour);
  return { ...standIn, engine: create({ command: standIn.command, launcher: [], env: process.env }) };
}

/**
 * Aligns; all words must be found.
 * @returns how the driver started the program
 */
async function align({ engine, starts }: Driver, files = TALKS): Promise<MfaStandInStart> {
  const tiers = await engine.align(makeRequest(files), makeContext());
  const spoken = Object.entries(files).flatMap(([file, own]) =>
    Object.entries(own).flatMap(([tier, said]) => said.map(([, , text]) => [`${file}/${tier}`, text])),
  );
  assert.deepEqual(wordsByTier(tiers), Object.fromEntries(spoken));
  const start = (await starts()).at(-1);
  assert.ok(start);
  return start;
}

const EMPTY_TIER = `item [2]:
  class = "IntervalTier"
  name = "S2"
  xmin = 0
  xmax = 10
  intervals: size = 1
  intervals [1]:
    xmin = 0
    xmax = 10
    text = ""
`;

function renameCorpus(plan: StartPlan, name: string): void {
  const renamed = path.join(path.dirname(plan.corpus), name);
  renameSync(plan.corpus, renamed);
  plan.corpus = renamed;
}

/** Moves the audio and the transcript of a file. */
function moveFile(corpus: string, stem: string, newStem: string): void {
  mkdirSync(path.dirname(path.join(corpus, newStem)), { recursive: true });
  for (const ending of ['wav', 'TextGrid'])
    renameSync(path.join(corpus, `${stem}.${ending}`), path.join(corpus, `${newStem}.${ending}`));
}

function gridsIn(dir: string): string[] {
  if (!existsSync(dir)) return [];
  const files = readdirSync(dir, { recursive: true }) as string[];
  return files.filter((file) => file.endsWith('.TextGrid')).sort();
}

/** Labels of the first tier. */
function labelsIn(file: string): string[] {
  const [tier] = readTextGrid(readFileSync(file, 'utf8'), file).tiers;
  return tier?.kind === 'interval' ? tier.intervals.map(({ text }) => text) : [];
}

function countWords(file: string): number {
  return labelsIn(file).filter((label) => label !== '').length;
}

test.run();
