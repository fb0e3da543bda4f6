import assert from 'node:assert/strict';
import { test } from 'uvu';
import { advise, NEEDS } from '../../scripts/tune/advise.ts';
import { ENGINE_KINDS } from '../../src/engines/registry.ts';

const GIB = 1024 ** 3;

for (const [cores, gib, engine, slots] of [
  // The machines in the table of the older worker, whose engines were MFA.
  [2, 4, 'MFA1', 1],
  [4, 8, 'MFA2', 2],
  [8, 16, 'MFA2', 4],
  [2, 4, 'SPHINX', 2],
  [8, 16, 'SPHINX', 8],
  [16, 4, 'SPHINX', 7],
  [96, 512, 'SPHINX', 64],
  [1, 1, 'MFA2', 1],
] as const) {
  test(`${cores} cores and ${gib} GiB bear ${slots} slots of ${engine}`, () => {
    const need = NEEDS[engine] ?? { cores: 0, memoryBytes: 0 };
    assert.equal(advise({ cores, memoryBytes: gib * GIB }, need).slots, slots);
  });
}

test('a machine with too little memory for one slot is reported as such', () => {
  const need = { cores: 1, memoryBytes: 2 * GIB };
  assert.deepEqual(advise({ cores: 1, memoryBytes: GIB }, need), {
    slotsByCores: 1,
    slotsByMemory: 0,
    slots: 1,
    isShort: true,
  });
});

test('each engine has its memory need', () => {
  assert.deepEqual(Object.keys(NEEDS).toSorted(), ENGINE_KINDS.map(({ name }) => name).toSorted());
});

test.run();
