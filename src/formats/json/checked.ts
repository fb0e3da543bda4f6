import { MalformedLines, quoteFound } from '../malformed.ts';

/** A value of JSON as it was parsed. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export type JsonObject = { readonly [key: string]: Json };

/** Checks values of a JSON file where they are used. A fault has the path of the value: `segments[3].end`. */
export class CheckedJson {
  readonly faults: MalformedLines;

  constructor(file: string) {
    this.faults = new MalformedLines(file);
  }

  /** A number of seconds; null, with a fault: another value. */
  seconds(value: Json | undefined, path: string): number | null {
    // Some programs write numbers as text.
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    return this.#refuse('seconds as a number', value, path);
  }

  text(value: Json | undefined, path: string): string | null {
    return typeof value === 'string' ? value : this.#refuse('a text', value, path);
  }

  list(value: Json | undefined, path: string): readonly Json[] | null {
    return Array.isArray(value) ? value : this.#refuse('a list', value, path);
  }

  object(value: Json | undefined, path: string): JsonObject | null {
    return isObject(value) ? value : this.#refuse('an object', value, path);
  }

  /** The choice that a text stands for; null, with a fault: another value. @param choices - by the known texts */
  choice<Choice extends string>(
    value: Json | undefined,
    choices: Readonly<Record<string, Choice>>,
    path: string,
  ): Choice | null {
    if (typeof value === 'string' && Object.hasOwn(choices, value)) return choices[value] ?? null;
    const known = Object.keys(choices).map((one) => JSON.stringify(one));
    return this.#refuse(`one of ${known.join(', ')}`, value, path);
  }

  #refuse(expected: string, value: Json | undefined, path: string): null {
    const found = value === undefined ? 'nothing' : quoteFound(JSON.stringify(value));
    this.faults.add(
      {},
      `expected ${expected} in ${path}, found ${found}; correct it, or save the file again`,
    );
    return null;
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
