/**
 * Disturbs the service at random for some minutes, then checks in the database and on the disk whether it kept its
 * promises. Ends with 0 if it did, 1 if it did not, 130 if the run was stopped.
 * Usage: node scripts/soak.ts [--minutes N] [--instances N] [--seed N] [--calm] [--only FAULT]... [--behaviour NAME]...
 * [--pace N] [--keep]
 */
import { randomInt } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { formatClock } from '../src/base/time.ts';
import { readArguments } from '../testing/read-arguments.ts';
import { BEHAVIOURS } from './soak/behaviours.ts';
import { SLOTS_PER_INSTANCE } from './soak/environment.ts';
import { FAULT_NAMES, type FaultName } from './soak/faults/catalogue.ts';
import { formatReport } from './soak/report.ts';
import { LEASE_SEC, runSoak, type SoakOptions } from './soak/run.ts';

type SoakArguments = Pick<
  SoakOptions,
  'durationSec' | 'instanceCount' | 'seed' | 'faults' | 'behaviours' | 'pace' | 'keepsEvidence'
>;

const BEHAVIOUR_NAMES = BEHAVIOURS.map(({ name }) => name);
const ROOT_DIR = path.resolve(import.meta.dirname, '..');
const BROKEN_OFF = 130;

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    console.log(interrupt.signal.aborted ? 'still stopping; please wait' : 'stopping');
    interrupt.abort(new Error(`stopped by ${signal}`));
  });
}
// Otherwise the process would end at once, without a verdict, and would leave its servers, workers and mounts behind.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    console.error(error);
    interrupt.abort(new Error(`a fault of the soak itself: ${error}`));
  });
}
// A connection that another fault has silenced would keep the process from ending.
process.exit(await main());

async function main(): Promise<number> {
  const given = readOptions();
  if (typeof given === 'string') {
    console.error(given);
    return 2;
  }
  const startedMs = performance.now();
  const say = (line: string) =>
    console.log(`${formatClock((performance.now() - startedMs) / 1000)}  ${line}`);
  console.log(describe(given));
  const report = await runSoak({
    ...given,
    isDurable: true,
    isHurried: false,
    evidenceDir: path.join(ROOT_DIR, '.data', 'soak', String(given.seed)),
    say,
    signal: interrupt.signal,
  });
  console.log(['', ...formatReport(report)].join('\n'));
  if (report.verdict === 'broken off') return BROKEN_OFF;
  return report.verdict === 'held' ? 0 : 1;
}

/** @returns a sentence that says what is wrong */
function readOptions(): SoakArguments | string {
  const { values } = readArguments('soak', {
    options: {
      minutes: { type: 'string', default: '5' },
      instances: { type: 'string', default: '4' },
      seed: { type: 'string', default: String(randomInt(1_000_000)) },
      calm: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [...FAULT_NAMES] },
      behaviour: { type: 'string', multiple: true, default: [...BEHAVIOUR_NAMES] },
      pace: { type: 'string', default: '1' },
      keep: { type: 'boolean', default: false },
    },
  });
  const numbers = {
    minutes: values.minutes,
    instances: values.instances,
    seed: values.seed,
    pace: values.pace,
  };
  for (const [name, value] of Object.entries(numbers)) {
    const isCount = name === 'instances' || name === 'seed';
    const isGood = isCount ? /^\d+$/.test(value) : Number(value) > 0;
    if (!isGood || (name === 'instances' && Number(value) === 0))
      return `--${name} ${value}: expected ${isCount ? `a whole number from ${name === 'seed' ? 0 : 1}` : 'a positive number'}`;
  }
  const strange = values.only.find((name) => !FAULT_NAMES.includes(name as FaultName));
  if (strange !== undefined) return `--only ${strange}: expected one of ${FAULT_NAMES.join(', ')}`;
  const unknown = values.behaviour.find((name) => !BEHAVIOUR_NAMES.includes(name));
  if (unknown !== undefined) return `--behaviour ${unknown}: expected one of ${BEHAVIOUR_NAMES.join(', ')}`;
  return {
    durationSec: Number(values.minutes) * 60,
    instanceCount: Number(values.instances),
    seed: Number(values.seed),
    faults: values.calm ? [] : (values.only as FaultName[]),
    pace: Number(values.pace),
    behaviours: values.behaviour,
    keepsEvidence: values.keep ? 'always' : 'of failures',
  };
}

function describe({ durationSec, instanceCount, seed, faults }: SoakArguments): string {
  const mood = faults.length === 0 ? ', calm' : '';
  return (
    `Soak of ${durationSec / 60} min, seed ${seed}${mood}: ${instanceCount} instances of ${SLOTS_PER_INSTANCE} slots ` +
    `on ${os.availableParallelism()} cores, Node ${process.version}. ` +
    `Leases of ${LEASE_SEC} s in place of 50 s, so that many faults fit in.`
  );
}
