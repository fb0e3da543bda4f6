import { type EafId, fromId, toId } from './ids.ts';

/** The time slots of a file, numbered from 0 in the order of their first use. */
export class SlotTable {
  readonly #numbers = new Map<EafId, number>();
  readonly #ids: EafId[] = [];
  readonly #times: number[] = [];
  readonly #isDeclared: boolean[] = [];

  /** The number of a slot. A new name gets the next number. */
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

  /** Sets the time of a slot. @param time - NaN: the file has none @returns false: the slot has another time already */
  declare(name: string, time: number): boolean {
    const number = this.numberOf(name);
    const isFree = this.#isDeclared[number] !== true || Object.is(this.#times[number], time);
    if (isFree) this.#times[number] = time;
    this.#isDeclared[number] = true;
    return isFree;
  }

  /** The id of a slot, if it was not declared; null: it was declared. */
  missing(number: number): string | null {
    return this.#isDeclared[number] === true ? null : fromId(this.#ids[number] ?? '', 'ts');
  }

  times(): Float64Array {
    return Float64Array.from(this.#times);
  }
}
