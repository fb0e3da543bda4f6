import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { BEHAVIOURS } from '../../scripts/soak/behaviours.ts';
import { FAULT_NAMES, type FaultName } from '../../scripts/soak/faults/catalogue.ts';
import { soak } from '../support/soak.ts';

const test = suite('a short soak');

/** Faults that take too long here. Tests of src/db and src/worker have each of them. */
const LONG: readonly FaultName[] = [
  'connections silenced',
  'database stop (long)',
  'database unreachable (long)',
  'instance behind PgBouncer',
];
/** Three deaths and three leases take too long here, see tests/worker/instances.test.ts. */
const BEHAVIOUR_NAMES = BEHAVIOURS.map(({ name }) => name).filter((name) => name !== 'kills its worker');

const WHAT_BREAKS: readonly FaultName[] = FAULT_NAMES.slice(0, FAULT_NAMES.indexOf('notification noise'));
const WHAT_MISLEADS = FAULT_NAMES.slice(WHAT_BREAKS.length);

/** Some planned faults may find no instance or task at their time; these ones always do. */
const SOAKS: readonly (readonly [
  name: string,
  faults: readonly FaultName[],
  seed: number,
  sure: readonly FaultName[],
])[] = [
  [
    'whatever happens to instances, database, network and disks, nothing is lost, doubled or left behind',
    WHAT_BREAKS,
    148,
    ['kill -9', 'freeze', 'database stop (fast)', 'database stop (immediate)'],
  ],
  [
    'neither are notifications, namesakes, held rows, forgotten commits and other folders believed',
    WHAT_MISLEADS,
    153,
    ['jobs expire soon', 'commits lost', 'standby promoted', 'uploads unmounted', 'uploads of another site'],
  ],
];

/** At the same time, because they mostly wait. */
const reports = SOAKS.map(([, faults, seed]) =>
  soak({
    durationSec: 11,
    instanceCount: 3,
    seed,
    faults: faults.filter((one) => !LONG.includes(one)),
    pace: 1,
    behaviours: BEHAVIOUR_NAMES,
    evidenceName: `test-${seed}`,
    keepsEvidence: 'of failures',
  }),
);

for (const [index, [name, , , sure]] of SOAKS.entries()) {
  test(name, async () => {
    const report = await reports[index];
    assert.ok(report);
    const { verdict, violations, figures, said } = report;
    assert.deepEqual(violations, [], said);
    assert.equal(verdict, 'held', said);
    assert.notEqual(figures?.settledSec, null, said);
    assert.deepEqual(
      sure.filter((one) => figures?.faults[one] === undefined),
      [],
      said,
    );
    // How many depends on the machine.
    assert.ok((figures?.fates['completed'] ?? 0) > 0, said);
  });
}

test.run();
