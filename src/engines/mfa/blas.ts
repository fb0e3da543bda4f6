import { readFileSync } from 'node:fs';

/** Features of a processor that OpenBLAS's code for Haswell needs. */
const HASWELL_FLAGS = ['avx2', 'fma'];

/**
 * Variables for OpenBLAS, the numerical library of Kaldi. By itself it chooses its code by the processor, and MFA's boundaries
 * depend on this code, by up to 70 ms. So the code is fixed: one that all x86 processors of the last ten years can run, and
 * another for older ones. It uses no threads of its own, since MFA already runs several processes.
 * @param cpuInfo - `/proc/cpuinfo`. Only on x86 it lists features; on other machines OpenBLAS chooses
 */
export function blasEnvironment(cpuInfo: string = readCpuInfo()): Record<string, string> {
  const threads = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' };
  const flags = /^flags\s*:(.*)$/m.exec(cpuInfo)?.[1]?.split(' ');
  if (flags === undefined) return threads;
  const isRecent = HASWELL_FLAGS.every((flag) => flags.includes(flag));
  return { ...threads, OPENBLAS_CORETYPE: isRecent ? 'Haswell' : 'Prescott' };
}

function readCpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
