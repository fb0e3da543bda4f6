import type { Engine } from './engine.ts';
import type { Launcher } from './launcher.ts';

/** What a driver's file exports and `registry.ts` lists: an engine as such, whether a site has it or not. */
export interface EngineKind {
  /** Capitals and digits. Part of language codes (`engUS_MFA1_v010`) and of the setting `<NAME>_LAUNCHER`. */
  readonly name: string;
  /** What says where it is installed; null: it comes with this program, and nothing can be put before it. */
  readonly setting: EngineSetting | null;
  /** Whether each of its languages has to bring an acoustic model, `<code>.zip`. */
  readonly needsModel: boolean;
  readonly create: (installation: Installation) => Engine;
}

export interface EngineSetting {
  /** Such as `FAVE_DIR`. */
  readonly name: string;
  /** A program may also be a name that is found on PATH. */
  readonly takes: 'program' | 'folder';
  /** For "set it to ...", such as "the path of mfa_align". */
  readonly meaning: string;
}

/** How a site has an engine. */
export interface Installation {
  /** What the kind's setting says; empty for a kind without one. */
  readonly place: string;
  readonly launcher: Launcher;
  /** The worker's environment, from which `engineEnvironment` picks. */
  readonly env: NodeJS.ProcessEnv;
}
