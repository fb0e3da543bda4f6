/** The instance of the benchmarks. On SIGUSR2 it reports its memory. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { tell } from './processes.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (how: object) => void;
/** Also gives pages back to the system, so that resident memory is memory in use. */
const THOROUGH = { type: 'major', execution: 'sync', flavor: 'last-resort' };

process.on('SIGUSR2', () => {
  // A second collection can free what only objects freed by the first one referred to.
  for (let n = 0; n < 3; n++) collect(THOROUGH);
  const { heapUsed, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const timers = resources.filter((name) => name === 'Timeout').length;
  tell('measured', { heapBytes: heapUsed, residentBytes: rss, timers, handles: resources.length - timers });
});
await import('./instance-main.ts');
