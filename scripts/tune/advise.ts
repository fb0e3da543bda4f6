/** What a machine has for workers. */
export interface Machine {
  /** Cores that a process may use here. */
  readonly cores: number;
  /** Memory that workers may use: that of the machine, or of the group that limits this process. */
  readonly memoryBytes: number;
}

/** What one slot needs while its engine runs, at most. */
export interface Need {
  readonly cores: number;
  readonly memoryBytes: number;
}

export interface Advice {
  readonly slotsByCores: number;
  readonly slotsByMemory: number;
  /** At least 1. With less memory than that, the engine may fail. */
  readonly slots: number;
  readonly isShort: boolean;
}

const MIB = 1024 ** 2;
const GIB = 1024 * MIB;
/** Kept free for the system, Postgres and the page. */
const RESERVE_BYTES = GIB;
/** In the form of the setting ALIGNMENT_WORKERS. */
const MAX_SLOTS = 64;

/** One process of one thread. Measured by "make bench ARGS=sizing": 170 MB; a recording of an hour takes more. */
const OWN: Need = { cores: 1, memoryBytes: 400 * MIB };
/** MFA loads a language with Kaldi and Python processes, and uses two cores fully. Not measured here. */
const MFA: Need = { cores: 2, memoryBytes: 2 * GIB };
/** FAVE and faseAlign start programs of HTK, one after the other. Not measured here. */
const HTK: Need = { cores: 1, memoryBytes: 512 * MIB };

/** By the name of the engine. */
export const NEEDS: Readonly<Record<string, Need>> = {
  SPHINX: OWN,
  MFA1: MFA,
  MFA2: MFA,
  FAVE: HTK,
  FASE: HTK,
};

/** How many slots of an engine a machine can run. */
export function advise({ cores, memoryBytes }: Machine, need: Need): Advice {
  const slotsByCores = Math.floor(cores / need.cores);
  const slotsByMemory = Math.floor((memoryBytes - RESERVE_BYTES) / need.memoryBytes);
  const slots = Math.min(slotsByCores, slotsByMemory, MAX_SLOTS);
  return { slotsByCores, slotsByMemory, slots: Math.max(1, slots), isShort: slotsByMemory < 1 };
}
