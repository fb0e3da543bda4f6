import type { Launcher } from '../launcher.ts';

export interface FaveSettings {
  /** `FAVE_DIR`: the folder of `FAAValign.py` and `align/model/`. */
  readonly faveDir: string;
  /** The Python that runs it, 3.8 to 3.10. */
  readonly python: string;
  readonly launcher: Launcher;
  /** The environment of the worker; `engineEnvironment` takes a part of it. */
  readonly env: NodeJS.ProcessEnv;
}

export interface FaseSettings {
  /** `FASE`: the program faseAlign. */
  readonly command: string;
  readonly launcher: Launcher;
  /** The environment of the worker; `engineEnvironment` takes a part of it. */
  readonly env: NodeJS.ProcessEnv;
}
