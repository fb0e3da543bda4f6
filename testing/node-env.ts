const INHERITED = ['NODE_COMPILE_CACHE', 'NODE_COMPILE_CACHE_PORTABLE'];

/**
 * Environment for a Node program that a test starts: the folder where `scripts/run-tests.ts` keeps compiled modules.
 * Not under `make coverage`, which counts the lines of such programs, too, and could only guess them for compiled
 * modules.
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
