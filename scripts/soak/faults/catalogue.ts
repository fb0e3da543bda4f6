import {
  cutListener,
  loseCommits,
  promoteStandby,
  stopLong,
  stopShortly,
  terminateBackends,
  useUpConnections,
} from './database.ts';
import { fill, mountWrongUploads, unmountUploads } from './disks.ts';
import type { Inject } from './fault.ts';
import { reset, silence, slowDown, stall, stallAll } from './network.ts';
import { sendNoise } from './notifications.ts';
import { joinByPooler } from './pooler.ts';
import { freeze, kill, restart } from './processes.ts';
import { expireSoon, holdRows, makeNamesake } from './rows.ts';

export interface Fault {
  readonly name: FaultName;
  /** On average. */
  readonly everySec: number;
  readonly inject: Inject;
}

export type FaultName = (typeof FAULT_NAMES)[number];

/** New kinds are added at the end, so that a seed means the same for the earlier ones. */
export const FAULT_NAMES = [
  'kill -9',
  'freeze',
  'SIGTERM',
  'database stop (fast)',
  'database stop (immediate)',
  'backends terminated',
  'listener cut',
  'network stalled',
  'network reset',
  'network slow',
  'connections silenced',
  'uploads disk full',
  'temp disk full',
  'notification noise',
  'namesake',
  'rows held',
  'jobs expire soon',
  'database stop (long)',
  'database unreachable (long)',
  'connection slots used up',
  'uploads unmounted',
  'uploads of another site',
  'commits lost',
  'standby promoted',
  'instance behind PgBouncer',
] as const;

const HOW: Readonly<Record<FaultName, Omit<Fault, 'name'>>> = {
  'kill -9': { everySec: 8, inject: kill },
  freeze: { everySec: 20, inject: freeze },
  SIGTERM: { everySec: 20, inject: restart },
  'database stop (fast)': { everySec: 75, inject: stopShortly('fast') },
  'database stop (immediate)': { everySec: 75, inject: stopShortly('immediate') },
  'backends terminated': { everySec: 12, inject: terminateBackends },
  'listener cut': { everySec: 15, inject: cutListener },
  'network stalled': { everySec: 20, inject: stall },
  'network reset': { everySec: 20, inject: reset },
  'network slow': { everySec: 25, inject: slowDown },
  'connections silenced': { everySec: 40, inject: silence },
  'uploads disk full': { everySec: 60, inject: fill('uploads') },
  'temp disk full': { everySec: 60, inject: fill('temp') },
  'notification noise': { everySec: 25, inject: sendNoise },
  namesake: { everySec: 6, inject: makeNamesake },
  'rows held': { everySec: 20, inject: holdRows },
  'jobs expire soon': { everySec: 45, inject: expireSoon },
  'database stop (long)': { everySec: 120, inject: stopLong },
  'database unreachable (long)': { everySec: 120, inject: stallAll },
  'connection slots used up': { everySec: 60, inject: useUpConnections },
  'uploads unmounted': { everySec: 60, inject: unmountUploads },
  'uploads of another site': { everySec: 60, inject: mountWrongUploads },
  'commits lost': { everySec: 75, inject: loseCommits },
  'standby promoted': { everySec: 90, inject: promoteStandby },
  'instance behind PgBouncer': { everySec: 120, inject: joinByPooler },
};

export const FAULTS: readonly Fault[] = FAULT_NAMES.map((name) => ({ name, ...HOW[name] }));
