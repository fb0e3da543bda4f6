import { must } from '../base/must.ts';

/** The parts of a path that a route has names for (`:id`, `*name`), decoded. */
export class PathParts {
  readonly #values = new Map<string, string>();

  set(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** @throws TaskError E_INTERNAL: the route has no part of this name */
  get(name: string): string {
    return must(this.#values.get(name), `the part :${name} of a path`);
  }
}
