import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import { TaskError } from '../base/errors.ts';
import { readBody } from './body.ts';
import { Refusal, refuse } from './problem.ts';

const MAX_FIELDS = 100;
const MAX_FIELD_BYTES = 10_000;
const MAX_HEADER_BYTES = 8_000;
const PRIVATE = 0o600;

/** A file of a form, in the folder that was given for it. */
export interface FormFile {
  readonly path: string;
  /** The client's name for it, without folders; empty: it has none. */
  readonly name: string;
}

export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  /** By the name of the field. */
  readonly files: ReadonlyMap<string, FormFile>;
}

export interface FormPlan {
  /** Folder for the files; the caller removes it. */
  readonly dir: string;
  /** Fields that are files. */
  readonly fileFields: readonly string[];
  readonly maxFileBytes: number;
}

/**
 * Reads a form (`multipart/form-data`) as it arrives. Files go to disk, fields are kept.
 * @throws Refusal for a body that is not a form, is cut short or too large; the reason of `signal`; system errors
 */
export async function readForm(request: IncomingMessage, signal: AbortSignal, plan: FormPlan): Promise<Form> {
  const parser = makeParser(request, plan);
  const fields = new Map<string, string>();
  const files = new Map<string, FormFile>();
  const writing: Promise<void>[] = [];
  // If reading or writing fails, the other one is ended, too, so that it does not wait for ever.
  const broken = new AbortController();
  const breakOff = (error: unknown) => broken.abort(error);
  parser.on('field', (field, value, _, isCut) => {
    if (isCut) breakOff(refuse(413, `the field ${field} has more than ${MAX_FIELD_BYTES} bytes`));
    fields.set(field, value);
  });
  parser.on('file', (field, stream, name) => {
    const file = path.join(plan.dir, String(files.size));
    if (files.has(field)) breakOff(refuse(400, `the file ${field} is there twice; expected one`));
    files.set(field, { path: file, name: typeof name === 'string' ? name : '' });
    stream.once('limit', () =>
      breakOff(refuse(413, `the file ${field} has more than ${plan.maxFileBytes} bytes`)),
    );
    const written = pipeline(stream, createWriteStream(file, { flags: 'wx', mode: PRIVATE }), {
      signal: broken.signal,
    });
    writing.push(written.catch(breakOff));
  });
  for (const event of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
    parser.on(event, () => breakOff(refuse(413, 'the form has too many fields')));
  }
  try {
    await pipeline(readBody(request, signal), parser, { signal: broken.signal });
  } catch (error) {
    breakOff(toFormFault(error));
  }
  await Promise.all(writing);
  signal.throwIfAborted();
  if (broken.signal.aborted) throw broken.signal.reason;
  return { fields, files };
}

function makeParser({ headers }: IncomingMessage, { fileFields, maxFileBytes }: FormPlan) {
  const type = headers['content-type'] ?? '';
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw refuse(
      415,
      `expected a form with Content-Type: multipart/form-data, found ${JSON.stringify(type)}`,
    );
  }
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': type },
      isPartAFile: (field) => field !== undefined && fileFields.includes(field),
      limits: {
        fields: MAX_FIELDS,
        fieldSize: MAX_FIELD_BYTES,
        files: fileFields.length + 1,
        fileSize: maxFileBytes,
        parts: MAX_FIELDS + fileFields.length + 1,
        headerSize: MAX_HEADER_BYTES,
      },
    });
  } catch (cause) {
    throw noForm(cause);
  }
}

/** Errors of the parser get our own words; other errors are passed on. */
function toFormFault(error: unknown): unknown {
  const isOurs = error instanceof Refusal || error instanceof TaskError;
  const isSystems = error instanceof Error && 'code' in error;
  return isOurs || isSystems ? error : noForm(error);
}

function noForm(cause: unknown): Refusal {
  return new Refusal(
    400,
    new TaskError('E_USAGE', 'the form cannot be read: it is cut short, or its boundary is wrong', { cause }),
  );
}
