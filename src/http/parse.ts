import type { z } from 'zod';
import { type Fault, TaskError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';

/** More faults than this help no reader. */
const MAX_FAULTS = 100;

/**
 * Checks values of a client against their schema.
 * @param what - such as `parameter` or `field`
 * @throws TaskError E_USAGE with all faults
 */
export function parseGiven<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  given: unknown,
  what: string,
): z.infer<z.ZodObject<Shape>> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const known = Object.keys(schema.shape);
  const faults = parsed.error.issues
    .slice(0, MAX_FAULTS)
    .flatMap((issue) => toFaults(issue, known, what))
    .slice(0, MAX_FAULTS);
  const [first, ...rest] = faults;
  throw first === undefined
    ? new TaskError('E_USAGE', 'the request is wrong')
    : TaskError.ofFaults([first, ...rest]);
}

/** The parameters of a URL, each at most once. @throws TaskError E_USAGE */
export function parseQuery<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  query: URLSearchParams,
): z.infer<z.ZodObject<Shape>> {
  const given: Record<string, string> = {};
  for (const [name, value] of query) {
    if (Object.hasOwn(given, name)) {
      throw new TaskError(
        'E_USAGE',
        `the parameter ${name} is there twice; expected one, several values with commas`,
      );
    }
    given[name] = value;
  }
  return parseGiven(schema, given, 'parameter');
}

function toFaults(issue: z.core.$ZodIssue, known: readonly string[], what: string): Fault[] {
  const code = 'E_USAGE';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_FAULTS).map((key) => {
      const meant = nearest(key, known);
      const hint = meant === null ? '.' : `; did you mean ${meant}?`;
      return { code, text: `no ${what} ${JSON.stringify(key)}${hint} Known: ${known.join(', ')}` };
    });
  }
  const name = issue.path.join('.');
  return [{ code, text: name === '' ? issue.message : `${what} ${name}: ${issue.message}` }];
}
