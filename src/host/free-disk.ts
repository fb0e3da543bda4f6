import { statfs } from 'node:fs/promises';
import { within } from '../base/within.ts';

/** A disk that hangs, such as that of a file server that is away, is not waited for. */
const LOOK_LIMIT_MS = 1_000;

/** Looks at disks for monitoring. A look that hangs is not joined by a second one: each would keep a thread. */
export class FreeDisk {
  readonly #dirs: Readonly<Record<string, string>>;
  readonly #looking = new Map<string, Promise<void>>();
  readonly #freeBytes = new Map<string, number>();

  /** @param dirs - folders by name */
  constructor(dirs: Readonly<Record<string, string>>) {
    this.#dirs = dirs;
  }

  /** Free bytes by name, for unprivileged users. A folder that is missing, or does not answer in time, is left out. */
  async read(): Promise<ReadonlyMap<string, number>> {
    await within(LOOK_LIMIT_MS, Promise.all(Object.entries(this.#dirs).map((one) => this.#look(...one))));
    return new Map([...this.#freeBytes].filter(([name]) => !this.#looking.has(name)));
  }

  #look(name: string, dir: string): Promise<void> {
    const running = this.#looking.get(name);
    if (running !== undefined) return running;
    const looking = statfs(dir)
      .then(({ bavail, bsize }) => void this.#freeBytes.set(name, bavail * bsize))
      .catch(() => void this.#freeBytes.delete(name))
      .finally(() => this.#looking.delete(name));
    this.#looking.set(name, looking);
    return looking;
  }
}
