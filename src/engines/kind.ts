import type { Engine } from './engine.ts';
import type { Launcher } from './launcher.ts';

/** A kind of engine, whether a site has it or not. A driver exports it, and `registry.ts` lists it. */
export interface EngineKind {
  /** Capitals and digits. Part of language codes (`engUS_MFA1_v010`) and of the setting `<NAME>_LAUNCHER`. */
  readonly name: string;
  /** The setting that tells where it is installed; null: it comes with this program, and has no launcher. */
  readonly setting: EngineSetting | null;
  /** Whether each of its languages must have an acoustic model, `<code>.zip`. */
  readonly needsModel: boolean;
  readonly create: (installation: Installation) => Engine;
}

export interface EngineSetting {
  /** Such as `FAVE_DIR`. */
  readonly name: string;
  /** `program`: a path, or a name that is found on PATH. */
  readonly takes: 'program' | 'folder';
  /** What the setting contains, in words for messages: "the path of mfa_align". */
  readonly meaning: string;
}

/** How an engine is installed at a site. */
export interface Installation {
  /** The value of the kind's setting; empty for a kind without a setting. */
  readonly place: string;
  readonly launcher: Launcher;
  /** The environment of the worker; `engineEnvironment` takes a part of it. */
  readonly env: NodeJS.ProcessEnv;
}
