/** One search of a file of model/. */
export interface ModelRun {
  readonly name: string;
  readonly what: string;
  readonly file: 'protocol.pml' | 'queue-front.pml';
  /** Values of the switches that the file begins with. */
  readonly defines: Readonly<Record<string, number>>;
  readonly expect: 'holds' | 'violated';
  /** Searched with a bit table: it visits most states, not all. */
  readonly isBitstate?: true;
  /** Takes a few seconds, and is part of the tests. */
  readonly isSmall?: true;
}

/** Mutants that the tests run; "make model ARGS=mutants" runs all. */
const IN_TESTS: ReadonlySet<number> = new Set([1, 3, 6, 12, 14, 16]);

/** The design: every run must hold. */
export const RUNS: readonly ModelRun[] = [
  run(
    'faults',
    'crash, lease lost, transient fault, failure, cancel, try again',
    {
      ...size(2, 1),
      CRASHES: 1,
      EXPIRES: 1,
      RETRIES: 1,
      FAILURES: 1,
      CANCELS: 1,
      AGAINS: 1,
    },
    false,
  ),
  run(
    'namesakes',
    'row deleted and made again, crash, lease lost',
    {
      ...size(2, 1),
      DELETES: 1,
      CRASHES: 1,
      EXPIRES: 1,
    },
    false,
  ),
  run('unmounted', 'UPLOADS away or of another site, crash, lease lost, cancel', {
    ...size(2, 1),
    UNMOUNTS: 2,
    CRASHES: 1,
    EXPIRES: 1,
    CANCELS: 1,
  }),
  run('notifications', 'forged and late notifications, lease lost, cancel, try again', {
    ...size(2, 1),
    HINTS: 2,
    EXPIRES: 1,
    CANCELS: 1,
    AGAINS: 1,
  }),
  run(
    'frozen',
    'frozen for longer than the removal delay, deleted, cancelled',
    {
      ...size(2, 1),
      LATE: 1,
      EXPIRES: 1,
      DELETES: 1,
      CANCELS: 1,
    },
    false,
  ),
  run('failover', 'standby behind by less than the delay, crash, lease lost', {
    ...size(2, 1),
    FAILOVERS: 1,
    CRASHES: 1,
    EXPIRES: 1,
  }),
  run(
    'failover-late',
    'standby behind by more: recordings are gone, results are adopted',
    {
      ...size(2, 1),
      FAILOVERS: 1,
      LONG_LAG: 1,
      FAILURES: 1,
      CANCELS: 1,
      AGAINS: 1,
    },
    false,
  ),
  run(
    'crash-limit',
    'two crashes are the limit; two leases of living holders are lost',
    {
      ...size(2, 1),
      CRASH_LIMIT: 2,
      CRASHES: 2,
      EXPIRES: 2,
    },
    false,
  ),
  ...(
    [
      ['crash and lease lost', { CRASHES: 1, EXPIRES: 1 }],
      ['cancel, try again, transient fault, failure', { CANCELS: 1, AGAINS: 1, RETRIES: 1, FAILURES: 1 }],
      ['row deleted and made again, lease lost', { DELETES: 1, EXPIRES: 1 }],
      ['UPLOADS away, crash', { UNMOUNTS: 1, CRASHES: 1 }],
      ['failover, lease lost', { FAILOVERS: 1, EXPIRES: 1 }],
    ] as const
  ).map(([what, faults], index) =>
    run(`two-tasks-${index + 1}`, `2 x 2: ${what}`, { ...size(2, 2), ...faults }, false),
  ),
  ...(
    [
      [
        'crash, lease lost, cancel, try again, transient fault, failure',
        { CRASHES: 1, EXPIRES: 1, CANCELS: 1, AGAINS: 1, RETRIES: 1, FAILURES: 1 },
      ],
      ['row deleted and made again, crash, lease lost', { DELETES: 1, CRASHES: 1, EXPIRES: 1 }],
      ['failover, crash, lease lost', { FAILOVERS: 1, CRASHES: 1, EXPIRES: 1 }],
    ] as const
  ).map(([what, faults], index) =>
    run(`three-workers-${index + 1}`, `3 x 1: ${what}`, { ...size(3, 1), ...faults }, false),
  ),
  ...(
    [
      ['crash, lease lost', { CRASHES: 1, EXPIRES: 1 }],
      ['cancel, try again, transient fault', { CANCELS: 1, AGAINS: 1, RETRIES: 1 }],
      ['row deleted and made again, lease lost', { DELETES: 1, EXPIRES: 1 }],
    ] as const
  ).map(
    ([what, faults], index): ModelRun => ({
      ...run(`three-by-two-${index + 1}`, `3 x 2: ${what}`, { ...size(3, 2), ...faults, MAXC: 7 }, false),
      isBitstate: true,
    }),
  ),
  {
    ...run('queue-front', 'two sessions queue, one claims, one notes the front', {}),
    file: 'queue-front.pml',
  },
];

/** Each is the design with one planted fault, which must be found. */
export const MUTANTS: readonly ModelRun[] = [
  mutant(1, 'an end is written without fence, name and job', { EXPIRES: 1 }),
  mutant(2, 'fence and retry count alone, no name', { FAILOVERS: 1, EXPIRES: 1 }),
  mutant(3, 'the database is asked first, folders are listed second', {
    LATE: 1,
    DELETES: 1,
  }),
  mutant(5, 'audio is removed without a second look at the row and the file', { DELETES: 1 }),
  mutant(6, 'the marker of the site is not looked at', { UNMOUNTS: 1 }),
  mutant(7, 'files are reached by path, not through the open directory', { UNMOUNTS: 1 }),
  mutant(8, 'results are not adopted', { FAILOVERS: 1, LONG_LAG: 1 }),
  mutant(9, 'a notification is believed', { HINTS: 1 }),
  mutant(10, 'each take-over counts as a crash', { CRASH_LIMIT: 2, CRASHES: 2, EXPIRES: 2 }),
  mutant(11, 'results of open rows are collected too', { LATE: 1, DELETES: 1 }),
  mutant(12, 'audio is removed at once, results are not adopted', { FAILOVERS: 1 }),
  mutant(13, 'audio is removed before the completing commit', { CRASHES: 1 }),
  mutant(14, 'a task is handed back without its job', { RETRIES: 1 }),
  mutant(16, 'a death counts for what the instance had ended before', {
    CRASH_LIMIT: 2,
    CRASHES: 2,
    EXPIRES: 2,
  }),
  mutant(17, 'results of failed and cancelled tasks are collected', {
    FAILOVERS: 1,
    LONG_LAG: 1,
    CANCELS: 1,
  }),
  mutant(18, 'result folders are never listed as a whole', { LATE: 1, EXPIRES: 1, DELETES: 1 }),
  ...[
    'who queues a job holds no lock',
    'a job before the front is not counted',
    'an old snapshot of the front is believed',
    'the first job is looked for before the lock',
  ].map((what, index): ModelRun => {
    const number = index + 1;
    return {
      ...{ name: `front-mutant-${number}`, what, file: 'queue-front.pml', defines: { MUTANT: number } },
      ...{ expect: 'violated', isSmall: true },
    };
  }),
];

function run(
  name: string,
  what: string,
  defines: Readonly<Record<string, number>>,
  isSmall = true,
): ModelRun {
  return {
    name,
    what,
    file: 'protocol.pml',
    defines,
    expect: 'holds',
    ...(isSmall ? { isSmall: true } : {}),
  };
}

function mutant(number: number, what: string, defines: Readonly<Record<string, number>>): ModelRun {
  return {
    name: `mutant-${number}`,
    what,
    file: 'protocol.pml',
    defines: { ...size(2, 1), ...defines, MUTANT: number },
    expect: 'violated',
    ...(IN_TESTS.has(number) ? { isSmall: true } : {}),
  };
}

function size(instances: number, tasks: number) {
  return { NI: instances, NT: tasks };
}
