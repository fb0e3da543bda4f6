import { type EafId, fromId, toId } from './ids.ts';

/** The time slots of a file, by number from 0, in the order in which they are met. */
export class SlotTable {
  readonly #numbers = new Map<EafId, number>();
  readonly #ids: EafId[] = [];
  readonly #times: number[] = [];
  readonly #isDeclared: boolean[] = [];

  /** Number of a slot that something refers to. */
  numberOf(name: string): number {
    const id = toId(name, 'ts');
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.#ids.push(id) - 1;
    this.#numbers.set(id, number);
    this.#times.push(Number.NaN);
    this.#isDeclared.push(false);
    return number;
  }

  /** @param time - NaN: the file does not say. @returns whether it has no other time yet */
  declare(name: string, time: number): boolean {
    const number = this.numberOf(name);
    const isFree = this.#isDeclared[number] !== true || Object.is(this.#times[number], time);
    if (isFree) this.#times[number] = time;
    this.#isDeclared[number] = true;
    return isFree;
  }

  /** Id of a slot that was not declared; null: it was. */
  missing(number: number): string | null {
    return this.#isDeclared[number] === true ? null : fromId(this.#ids[number] ?? '', 'ts');
  }

  times(): Float64Array {
    return Float64Array.from(this.#times);
  }
}
