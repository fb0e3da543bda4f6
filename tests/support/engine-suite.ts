import { suite, type Test } from 'uvu';
import { createEngineBench, type EngineBench } from '../../testing/engine-bench.ts';
import { removeDirs } from '../../testing/mfa.ts';

export interface EngineSuite {
  /** Everything in here is disposed of with the test, however the test ends. */
  readonly benches: AsyncDisposable[];
  /** A bench of an engine, which is removed with the test. */
  readonly make: (...args: Parameters<typeof createEngineBench>) => Promise<EngineBench>;
}

/** A suite whose tests run tasks with stand-ins of the aligners. */
export function suiteWithEngines(name: string): Test<EngineSuite> {
  const test = suite<EngineSuite>(name);
  test.before.each((context) => {
    const benches: AsyncDisposable[] = [];
    const make: EngineSuite['make'] = async (...args) => {
      const bench = await createEngineBench(...args);
      benches.push(bench);
      return bench;
    };
    Object.assign(context, { benches, make });
  });
  test.after.each(async ({ benches }) => {
    for (const bench of benches) await bench[Symbol.asyncDispose]();
  });
  test.after(removeDirs);
  return test;
}
