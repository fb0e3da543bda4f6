import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { TaskError } from '../base/errors.ts';
import { Refusal } from './problem.ts';

const FAILED = 412;
export const NOT_MODIFIED = 304;
const MANY = /^\s*(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*\s*$/;
const EACH = /"([^"]*)"/g;

/** The versions that a header names; `*`: any; null: there is no such header. */
type Named = readonly string[] | '*' | null;

/** The versions for which a request may be carried out (RFC 9110, 13.1). */
export interface Conditions {
  /** `If-Match`: the current version must be one of these. */
  readonly match: Named;
  /** `If-None-Match`: the current version must be none of these; `*`: nothing must exist yet. */
  readonly noneMatch: Named;
}

/** @throws TaskError E_USAGE for a condition that cannot be read: it would count as no condition */
export function parseConditions(headers: IncomingHttpHeaders): Conditions {
  return { match: parse('If-Match', headers['if-match']), noneMatch: parseNoneMatch(headers) };
}

/**
 * @param version - as in the ETag, without quotes; null: it does not exist
 * @throws Refusal 412 when the client does not want to change this version
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

/** Whether the client wants to change only certain versions. */
export function hasConditions({ match, noneMatch }: Conditions): boolean {
  return match !== null || noneMatch !== null;
}

/** Whether the client has this version, as it says with `If-None-Match`. */
export function isKnown({ headers }: IncomingMessage, version: string): boolean {
  const named = parseNoneMatch(headers);
  return named === '*' || (named?.includes(version) ?? false);
}

/** Answers that the client's version is still the newest. */
export function answerKnown(response: ServerResponse, headers: Readonly<Record<string, string>>): null {
  response.writeHead(NOT_MODIFIED, headers).end();
  return null;
}

function parseNoneMatch(headers: IncomingHttpHeaders): Named {
  return parse('If-None-Match', headers['if-none-match']);
}

/** A proxy that compresses answers puts `W/` before their ETag; the version is still the same. */
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
