/** Makes names of tiers and types each another: a second `anna` becomes `anna (2)`. */
export class TierNames {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  take(name: string): string {
    let own = name;
    for (let count = 2; this.#taken.has(own); count++) own = `${name} (${count})`;
    this.#taken.add(own);
    return own;
  }
}
