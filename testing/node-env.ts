const INHERITED = ['NODE_COMPILE_CACHE', 'NODE_COMPILE_CACHE_PORTABLE'];

/**
 * What a Node program that a test starts should inherit: where `scripts/run-tests.ts` keeps compiled modules. Under
 * `make coverage` its lines count too; those of compiled modules would be counted by guess.
 */
export function nodeEnv(): Record<string, string> {
  const coverageDir = process.env['NODE_V8_COVERAGE'];
  if (coverageDir !== undefined) return { NODE_V8_COVERAGE: coverageDir, NODE_DISABLE_COMPILE_CACHE: '1' };
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
