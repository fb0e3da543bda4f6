import { readFileSync } from 'node:fs';

/** What the kernel of OpenBLAS for most of today's processors needs. */
const HASWELL_FLAGS = ['avx2', 'fma'];

/**
 * OpenBLAS, which Kaldi computes with, chooses its code by the processor it finds, and MFA's boundaries depend on that by
 * up to 70 ms. Here it is told one code that all x86 processors of the last ten years can run; older ones get another.
 * Threads of its own would only be in the way of MFA's processes.
 * @param cpuInfo - `/proc/cpuinfo`; names its features on x86 only, elsewhere OpenBLAS is left to choose
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
