import assert from 'node:assert/strict';
import { test } from 'uvu';
import { blasEnvironment } from '../../../src/engines/mfa/blas.ts';

const coreOf = (cpuInfo: string): string | undefined => blasEnvironment(cpuInfo)['OPENBLAS_CORETYPE'];

test('processors of all makers use the same code of OpenBLAS, or older code if they cannot run it', () => {
  const zen = 'vendor_id\t: AuthenticAMD\nflags\t\t: fpu sse3 fma avx avx2 sha_ni\n';
  const skylake = 'vendor_id\t: GenuineIntel\nflags\t\t: fpu fma avx avx2 avx512f\n';
  assert.deepEqual([zen, skylake].map(coreOf), ['Haswell', 'Haswell']);
  assert.equal(coreOf('flags\t\t: fpu sse3 avx\n'), 'Prescott');
});

test('on other processors OpenBLAS chooses, in one thread', () => {
  const arm = 'Features\t: fp asimd\n';
  assert.equal(coreOf(arm), undefined);
  assert.deepEqual(blasEnvironment(arm), { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' });
});

test('by default the processor of this machine is read', () => {
  assert.equal(blasEnvironment()['OPENBLAS_NUM_THREADS'], '1');
});

test.run();
