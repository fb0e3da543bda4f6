import { type EafId, fromId, toId } from './ids.ts';

/** The time slots of a file, numbered from 0 in the order in which their ids first occur. */
export class SlotTable {
  readonly #numbers = new Map<EafId, number>();
  readonly #ids: EafId[] = [];
  readonly #times: number[] = [];
  readonly #isDeclared: boolean[] = [];

  /** The number of the slot with an id. A new id gets the next number. */
  numberOf(idText: string): number {
    const id = toId(idText, 'ts');
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.#ids.push(id) - 1;
    this.#numbers.set(id, number);
    this.#times.push(Number.NaN);
    this.#isDeclared.push(false);
    return number;
  }

  /**
   * Sets the time of a slot of TIME_ORDER.
   * @param time - NaN: the file has none
   * @returns false: the slot already has another time
   */
  declare(idText: string, time: number): boolean {
    const number = this.numberOf(idText);
    const isFree = this.#isDeclared[number] !== true || Object.is(this.#times[number], time);
    if (isFree) this.#times[number] = time;
    this.#isDeclared[number] = true;
    return isFree;
  }

  /** The id of a slot that was not declared; null: it was declared. */
  missing(number: number): string | null {
    return this.#isDeclared[number] === true ? null : fromId(this.#ids[number] ?? '', 'ts');
  }

  /** The times of all slots, by their numbers. NaN: the slot has none. */
  times(): Float64Array {
    return Float64Array.from(this.#times);
  }
}
