import path from 'node:path';
import type { Benchmark, Figure } from './benchmark.ts';
import { measureClaims } from './cells-claims.ts';
import { measureBurst, measureIdleInTransaction } from './cells-drain.ts';
import {
  measureCrash,
  measureKilledBackends,
  measureRepeatedKills,
  measureRestart,
  measureUsedUpConnections,
} from './cells-recovery.ts';
import { type ProxiedSite, withProxiedSite } from './proxied-site.ts';

/** One after the other, so that each has the machine to itself. */
const CELLS: readonly (readonly [folder: string, measure: (site: ProxiedSite) => Promise<Figure[]>])[] = [
  ['restart', measureRestart],
  ['backends', measureKilledBackends],
  ['connections', measureUsedUpConnections],
  ['crash', measureCrash],
  ['kills', measureRepeatedKills],
  ['idle', measureIdleInTransaction],
  ['burst', measureBurst],
];

/** The cases of hardbyte's benchmark of Postgres queues (2026), with workers of the default settings. */
export const cells: Benchmark = {
  name: 'cells',
  summary: 'recovery from faults, draining beside others, and claims that stay as fast as they were',
  isLong: true,
  run: async (context) => {
    const figures: Figure[] = [];
    for (const [folder, measure] of CELLS) {
      context.signal.throwIfAborted();
      figures.push(...(await withProxiedSite(path.join(context.dir, folder), measure)));
    }
    const claims = await measureClaims(context);
    return { figures: [...figures, ...claims.figures], notes: claims.notes };
  },
};
