/** Prints the settings that fit this machine. Usage: node scripts/tune.ts */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { formatBytes } from '../src/base/bytes.ts';
import { toTaskError } from '../src/base/errors.ts';
import { formatTable } from '../src/cli/table.ts';
import { loadConfig } from '../src/config.ts';
import { createEngines } from '../src/engines/registry.ts';
import { readFreeMemory } from '../src/host/free-memory.ts';
import { advise, type Machine, NEEDS } from './tune/advise.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '..');
/** Connections that a worker opens in addition to one for each slot. */
const OTHER_CONNECTIONS = 11;

try {
  await main();
} catch (error) {
  const { code, message } = toTaskError(error);
  console.error(`${code}  ${message}`);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  const config = loadConfig(ROOT_DIR);
  const { installations } = config.engines;
  const machine: Machine = { cores: os.availableParallelism(), memoryBytes: await readMemory() };
  const names = [...createEngines(config.engines).keys()];
  // The built-in engine needs no setting.
  const used = names.filter((name) => name === 'SPHINX' || installations[name] !== undefined);
  const rows = names.map((name) => {
    const { slotsByCores, slotsByMemory, slots } = adviceFor(machine, name);
    const need = needOf(name);
    const isUsed = used.includes(name) ? 'yes' : 'no';
    return [
      name,
      isUsed,
      `${need.cores}`,
      formatBytes(need.memoryBytes),
      `${slotsByCores}`,
      `${slotsByMemory}`,
      `${slots}`,
    ];
  });
  const right = (title: string) => ({ title, align: 'right' as const });
  console.log(`${machine.cores} cores, ${formatBytes(machine.memoryBytes)} of memory\n`);
  const columns = ['cores', 'memory', 'slots by cores', 'by memory', 'slots'].map(right);
  console.log(formatTable([{ title: 'engine' }, { title: 'set up' }, ...columns], rows).join('\n'));

  const all = used.map((name) => adviceFor(machine, name));
  const slots = Math.min(...all.map((one) => one.slots));
  const perSlot = Math.max(...used.map((name) => needOf(name).memoryBytes));
  console.log(`\nFor the engines that are set up, in .env:\n`);
  console.log(
    `ALIGNMENT_WORKERS=${slots}${slots === config.slotCount ? '' : `    # now ${config.slotCount}`}`,
  );
  console.log(`\nEach worker opens up to ${slots + OTHER_CONNECTIONS} connections to Postgres.`);
  console.log(`MemoryMax= of the unit: at least ${formatBytes(perSlot * slots + 0.5 * 1024 ** 3)}.`);
  if (all.some(({ isShort }) => isShort))
    console.log(
      'Memory is short even for one slot: long recordings may end with E_CRASHED or E_ENGINE_FAILED.',
    );
}

function needOf(name: string) {
  const need = NEEDS[name];
  if (need === undefined) throw new Error(`engine ${name} has no line in scripts/tune/advise.ts`);
  return need;
}

function adviceFor(machine: Machine, name: string) {
  return advise(machine, needOf(name));
}

/**
 * Memory in use now may belong to the workers that are to be tuned. So the whole memory counts, or the limit of this
 * group.
 */
async function readMemory(): Promise<number> {
  const total =
    Number(/^MemTotal:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1024;
  const limit = process.constrainedMemory();
  const machine = total === 0 ? ((await readFreeMemory()) ?? os.totalmem()) : total;
  return limit > 0 && limit < machine ? limit : machine;
}
