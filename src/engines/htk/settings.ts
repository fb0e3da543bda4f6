import type { Launcher } from '../launcher.ts';

export interface FaveSettings {
  /** `FAVE_DIR`: the folder of `FAAValign.py` and `align/model/`; null: not set. */
  readonly faveDir: string | null;
  /** The Python that runs it, 3.8 to 3.10. */
  readonly python: string;
  readonly launcher: Launcher;
  /** The worker's environment, from which `engineEnvironment` picks. */
  readonly env: NodeJS.ProcessEnv;
}

export interface FaseSettings {
  /** `FASE`: the program faseAlign with the option `-d`; null: not set. */
  readonly command: string | null;
  readonly launcher: Launcher;
  /** The worker's environment, from which `engineEnvironment` picks. */
  readonly env: NodeJS.ProcessEnv;
}
