import assert from 'node:assert/strict';
import { test } from 'uvu';
import { MUTANTS, RUNS } from '../../scripts/model/runs.ts';
import { missingProgram, search } from '../../scripts/model/search.ts';

const missing = await missingProgram();
if (missing !== null) console.log(`${missing} is not installed: the model of the protocol is not searched`);
const searching = missing === null ? test : test.skip;

/** Runs that take less than a minute, also on a busy machine. "make model" does all runs. */
for (const run of RUNS.filter(({ isSmall }) => isSmall)) {
  searching(`no way to break a promise: ${run.what}`, async () => {
    const { result, note } = await search(run);
    assert.equal(result, 'holds', note ?? '');
  });
}

for (const run of MUTANTS.filter(({ isSmall }) => isSmall)) {
  searching(`the model finds it: ${run.what}`, async () => {
    assert.equal((await search(run)).result, 'violated');
  });
}

test.run();
