import { MalformedLines, quoteFound } from '../malformed.ts';

/** A parsed value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export type JsonObject = { readonly [key: string]: Json };

/**
 * Checks the values of a JSON file and collects faults, each with the path of its value, such as `segments[3].end`. The
 * methods return null and add a fault when a value is of another kind.
 */
export class CheckedJson {
  readonly faults: MalformedLines;

  constructor(file: string) {
    this.faults = new MalformedLines(file);
  }

  /** A finite number. */
  seconds(value: Json | undefined, path: string): number | null {
    // Some programs write numbers as text: "1.5".
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

  /** What a text stands for. @param choices - by the texts that are allowed */
  choice<Choice extends string>(
    value: Json | undefined,
    choices: Readonly<Record<string, Choice>>,
    path: string,
  ): Choice | null {
    if (typeof value === 'string' && Object.hasOwn(choices, value)) return choices[value] ?? null;
    const allowed = Object.keys(choices).map((one) => JSON.stringify(one));
    return this.#refuse(`one of ${allowed.join(', ')}`, value, path);
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
