/** Makes the names of tiers and types unique: a second `anna` becomes `anna (2)`. */
export class TierNames {
  readonly #taken: Set<string>;
  /** The last number that was added to each name. */
  readonly #counts = new Map<string, number>();

  /** @param taken - names that the file already has */
  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  /** The name, or the name with a number; it is taken from now on. */
  take(name: string): string {
    let own = name;
    let count = this.#counts.get(name) ?? 1;
    while (this.#taken.has(own)) own = `${name} (${++count})`;
    this.#counts.set(name, count);
    this.#taken.add(own);
    return own;
  }
}
