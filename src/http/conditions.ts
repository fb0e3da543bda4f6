import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { TaskError } from '../base/errors.ts';
import { Refusal } from './problem.ts';

const FAILED = 412;
export const NOT_MODIFIED = 304;
const MANY = /^\s*(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*\s*$/;
const EACH = /"([^"]*)"/g;

/** The versions that a header names; `*`: any one; null: there is no such header. */
type Named = readonly string[] | '*' | null;

/** What a change may be made of (RFC 9110, 13.1). */
export interface Conditions {
  /** `If-Match`: of one of these versions. */
  readonly match: Named;
  /** `If-None-Match`: of none of these; `*`: there is nothing yet. */
  readonly noneMatch: Named;
}

/** @throws TaskError E_USAGE for a condition that cannot be read: it would pass for none */
export function parseConditions(headers: IncomingHttpHeaders): Conditions {
  return { match: parse('If-Match', headers['if-match']), noneMatch: parseNoneMatch(headers) };
}

/**
 * @param version - as in the ETag, without quotes; null: there is nothing
 * @throws Refusal 412 when a change is not wanted of this version
 */
export function assertConditions({ match, noneMatch }: Conditions, version: string | null): void {
  if (match !== null && (version === null || (match !== '*' && !match.includes(version)))) {
    throw failed(
      version === null
        ? 'there is nothing to be changed: it has been deleted; read it again'
        : 'it was changed meanwhile, or If-Match names another version; read it again, and change that',
    );
  }
  if (noneMatch !== null && version !== null && (noneMatch === '*' || noneMatch.includes(version))) {
    throw failed('it is there already; send it without If-None-Match to replace it');
  }
}

/** Whether a change is wanted of certain versions only. */
export function hasConditions({ match, noneMatch }: Conditions): boolean {
  return match !== null || noneMatch !== null;
}

/** Whether the client has this version, as it says with `If-None-Match`. */
export function isKnown({ headers }: IncomingMessage, version: string): boolean {
  const named = parseNoneMatch(headers);
  return named === '*' || (named?.includes(version) ?? false);
}

/** Answers that what the client has is still what there is. */
export function answerKnown(response: ServerResponse, headers: Readonly<Record<string, string>>): null {
  response.writeHead(NOT_MODIFIED, headers).end();
  return null;
}

function parseNoneMatch(headers: IncomingHttpHeaders): Named {
  return parse('If-None-Match', headers['if-none-match']);
}

/** A proxy that compresses answers puts `W/` before their ETag; it is the same version all the same. */
function parse(name: string, header: string | undefined): Named {
  if (header === undefined) return null;
  if (header.trim() === '*') return '*';
  if (MANY.test(header)) return [...header.matchAll(EACH)].map(([, version = '']) => version);
  throw new TaskError(
    'E_USAGE',
    `${name}: expected an ETag as it was given, such as "1f0a", found ${JSON.stringify(header.slice(0, 100))}`,
  );
}

function failed(text: string): Refusal {
  return new Refusal(FAILED, new TaskError('E_CONFLICT', text));
}
