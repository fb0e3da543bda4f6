import { TaskError } from '../../base/errors.ts';

/**
 * Checks that a value is an object with exactly these keys.
 * @param what - what the object is, for the message
 * @throws TaskError E_OUTPUT_INVALID, as all functions here
 */
export function object<Key extends string>(
  json: unknown,
  what: string,
  keys: readonly Key[],
): Readonly<Record<Key, unknown>> {
  const isObject = typeof json === 'object' && json !== null && !Array.isArray(json);
  const found = isObject ? Object.keys(json) : [];
  const fits = isObject && found.length === keys.length && keys.every((key) => Object.hasOwn(json, key));
  expect(fits, `${what} with ${keys.join(', ')}`, isObject ? found : json);
  return json as Readonly<Record<Key, unknown>>;
}

export function array(json: unknown): readonly unknown[] {
  expect(Array.isArray(json), 'a list', json);
  return json as readonly unknown[];
}

/** Checks that a value is a text that is not empty. */
export function string(json: unknown): string {
  expect(typeof json === 'string' && json !== '', 'a text that is not empty', json);
  return json as string;
}

export function integer(json: unknown, least: number): number {
  expect(Number.isSafeInteger(json) && (json as number) >= least, `a whole number from ${least}`, json);
  return json as number;
}

/** Checks that a name is not taken yet, and takes it. */
export function takeOnce(taken: Set<string>, name: string, what: string): void {
  expect(!taken.has(name), `a unique name for ${what}`, name);
  taken.add(name);
}

/** Refuses a file if a rule is not kept. @throws TaskError E_OUTPUT_INVALID with what was found */
export function expect(isTrue: boolean, expected: string, found: unknown): void {
  if (isTrue) return;
  const short = (JSON.stringify(found) ?? 'nothing').slice(0, 200);
  throw new TaskError('E_OUTPUT_INVALID', `expected ${expected}, found ${short}`);
}
