/** The instance of the benchmarks, which tells on SIGUSR2 what it holds. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { tell } from './processes.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (how: object) => void;
/** Gives pages back to the system, too: what is resident then is in use. */
const THOROUGH = { type: 'major', execution: 'sync', flavor: 'last-resort' };

process.on('SIGUSR2', () => {
  // What is freed by a first collection may hold what a second one can free.
  for (let n = 0; n < 3; n++) collect(THOROUGH);
  const { heapUsed, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const timers = resources.filter((name) => name === 'Timeout').length;
  tell('measured', { heapBytes: heapUsed, residentBytes: rss, timers, handles: resources.length - timers });
});
await import('./instance-main.ts');
