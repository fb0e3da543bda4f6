import type { Violation } from '../audit/final-rows.ts';
import type { Fleet } from '../fleet.ts';
import type { Load } from '../load.ts';
import type { Server } from '../server.ts';
import type { SoakDirs } from '../soak-dirs.ts';
import type { Submissions } from '../submissions.ts';

/** What was decided at random about one fault before it begins. */
export interface Choice {
  readonly slot: number;
  /** An instance that may be ended. */
  readonly killableSlot: number;
  /** How long or how hard, from 0 to 1. */
  readonly strength: number;
  readonly coin: boolean;
}

export interface Target {
  readonly fleet: Fleet;
  readonly server: Server;
  readonly dirs: SoakDirs;
  readonly load: Load;
  readonly submissions: Submissions;
  readonly leaseSec: number;
  /** Environment of an instance that does not belong to the fleet. */
  readonly extraEnv: Readonly<Record<string, string>>;
  /** Program of an instance. */
  readonly main: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Marks the instances whose times are not measured until the fault is over. Null: all instances. */
  readonly disturbed: (slot: number | null) => void;
  /** Notes a finding that can be seen only while the fault lasts. */
  readonly find: (violation: Violation) => void;
}

/** Returns when it is over and undone; earlier if the signal is aborted. @returns how many times it was done */
export type Inject = (target: Target, choice: Choice) => Promise<number>;
