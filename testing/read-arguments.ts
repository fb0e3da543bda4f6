import { type ParseArgsConfig, parseArgs } from 'node:util';

/**
 * Reads the arguments of this process, or says in one line what is wrong with them and ends it with 2.
 * @param program - how the line begins
 */
export function readArguments<T extends ParseArgsConfig>(
  program: string,
  config: T,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    // What Node adds is about arguments that begin with "-", which no script takes.
    const [text] = (error instanceof Error ? error.message : String(error)).split('. To specify ');
    console.error(`${program}: ${text}`);
    process.exit(2);
  }
}
