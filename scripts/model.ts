// Checks the models in model/ for a way to break the promises of the worker, run by run, and prints a table. Arguments:
// nothing for all runs of the design, `mutants` for those with a planted fault, `small` for the quick ones of both, or
// names of runs. Ends with 1 when a result is not the expected one, with 2 when it cannot run.
import { type ModelRun, MUTANTS, RUNS } from './model/runs.ts';
import { missingProgram, search } from './model/search.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<number> {
  const missing = await missingProgram();
  if (missing !== null) {
    console.error(`${missing} is not installed; on Debian: apt-get install spin gcc`);
    return 2;
  }
  const runs = choose(names);
  if (runs.length === 0) {
    console.error(
      `no run matches; there are: mutants, small, ${[...RUNS, ...MUTANTS].map(({ name }) => name).join(', ')}`,
    );
    return 2;
  }
  console.log(row(['run', 'states', 'depth', 'seconds', 'result', 'what happens in it']));
  let isAsExpected = true;
  for (const run of runs) {
    const found = await search(run);
    if (found.result !== run.expect) isAsExpected = false;
    const mark = found.result === run.expect ? '' : `, expected: ${run.expect}`;
    const coverage = found.hashFactor === null ? '' : `, ${found.hashFactor} bits per state`;
    const values = [found.states, found.depth, found.seconds.toFixed(1)].map(String);
    console.log(row([run.name, ...values, `${found.result}${mark}${coverage}`, run.what]));
    if (found.result !== 'holds' && found.note !== null) console.log(`  ${found.note.slice(0, 160)}`);
  }
  return isAsExpected ? 0 : 1;
}

function choose(names: readonly string[]): readonly ModelRun[] {
  const all = [...RUNS, ...MUTANTS];
  if (names.length === 0) return RUNS;
  return all.filter(
    (run) =>
      names.includes(run.name) ||
      (names.includes('mutants') && run.expect === 'violated') ||
      (names.includes('small') && run.isSmall === true),
  );
}

function row([
  name = '',
  states = '',
  depth = '',
  seconds = '',
  result = '',
  what = '',
]: readonly string[]): string {
  return `${name.padEnd(16)} ${states.padStart(10)} ${depth.padStart(6)} ${seconds.padStart(8)}  ${result.padEnd(10)}  ${what}`;
}
