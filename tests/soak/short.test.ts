import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { BEHAVIOURS } from '../../scripts/soak/behaviours.ts';
import { FAULT_NAMES, type FaultName } from '../../scripts/soak/faults/catalogue.ts';
import { soak } from '../support/soak.ts';

const test = suite('a short soak');
/** A silent connection is given up after half a minute: too long for here, see tests/db/connect.test.ts. */
const FAULTS = FAULT_NAMES.filter((name) => name !== 'connections silenced');
/** Three deaths and three leases take too long for here, see tests/worker/instances.test.ts. */
const BEHAVIOUR_NAMES = BEHAVIOURS.map(({ name }) => name).filter((name) => name !== 'kills its worker');
/** Of those that are planned, some may meet an instance that is just not there; these cannot. */
const SURE: readonly FaultName[] = ['kill -9', 'freeze', 'database stop (fast)', 'database stop (immediate)'];

test('whatever happens to instances, database, network and disks, nothing is lost, doubled or left behind', async () => {
  const { violations, figures, said } = await soak({
    durationSec: 11,
    instanceCount: 3,
    // Its plan has each kind of fault.
    seed: 148,
    faults: FAULTS,
    pace: 1,
    behaviours: BEHAVIOUR_NAMES,
    keepsEvidence: 'of failures',
  });
  assert.deepEqual(violations, [], said);
  assert.notEqual(figures?.settledSec, null, said);
  assert.deepEqual(
    SURE.filter((name) => figures?.faults[name] === undefined),
    [],
    said,
  );
  // How many depends on the machine.
  assert.ok((figures?.fates['completed'] ?? 0) > 0, said);
});

test.run();
