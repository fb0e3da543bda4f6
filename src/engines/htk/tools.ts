import { probe } from '../process/probe.ts';

/** Programs that FAVE and faseAlign start by name, with arguments that make them print their version and end. */
const TOOLS: readonly (readonly [name: string, ...args: string[]])[] = [
  ['sox', '--version'],
  ['HCopy', '-V'],
  ['HVite', '-V'],
];

/** The programs of sox and HTK that cannot be started. */
export async function findMissingTools(
  launcher: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string[]> {
  const probes = await Promise.all(TOOLS.map((tool) => probe([...launcher, ...tool], env, signal)));
  return TOOLS.flatMap(([name], i) => (probes[i]?.isFound === false ? [name] : []));
}
