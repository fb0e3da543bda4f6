import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { refuse } from './problem.ts';

export interface SentFile {
  readonly file: FileHandle;
  readonly bytes: number;
  readonly changedAt: Date;
  readonly contentType: string;
  /** Its name when it is saved; left out: it is shown. */
  readonly saveAs?: string;
}

/** Sends a file, or the requested range, in pieces, and closes it. @throws Refusal for a range outside the file */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  sent: SentFile,
): Promise<void> {
  const { file, bytes, changedAt, contentType, saveAs } = sent;
  try {
    const etag = `"${fileTag(sent)}"`;
    const condition = request.headers['if-range'];
    const isSame = condition === undefined || condition === etag;
    const range = isSame ? parseRange(request.headers.range, bytes) : null;
    const { start, end } = range ?? { start: 0, end: bytes - 1 };
    response.writeHead(range === null ? 200 : 206, {
      'Content-Type': contentType,
      'Content-Length': end - start + 1,
      'Accept-Ranges': 'bytes',
      ETag: etag,
      'Last-Modified': changedAt.toUTCString(),
      ...(range === null ? {} : { 'Content-Range': `bytes ${start}-${end}/${bytes}` }),
      ...(saveAs === undefined ? {} : { 'Content-Disposition': disposition(saveAs) }),
    });
    if (request.method === 'HEAD' || bytes === 0) {
      response.end();
      return;
    }
    await pipeline(file.createReadStream({ start, end, autoClose: false }), response);
  } finally {
    await file.close();
  }
}

/** Of the content of a file, for its ETag. */
export function fileTag({ bytes, changedAt }: Pick<SentFile, 'bytes' | 'changedAt'>): string {
  return `${bytes.toString(36)}-${changedAt.getTime().toString(36)}`;
}

/** @returns null: the whole file, also if several ranges are requested */
function parseRange(header: string | undefined, bytes: number): { start: number; end: number } | null {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (start > end) {
    throw refuse(416, `the file has ${bytes} bytes`, { 'Content-Range': `bytes */${bytes}` });
  }
  return { start, end };
}

/**
 * The header Content-Disposition of a file to be saved: its name in plain letters, for old programs, and its real name.
 */
export function disposition(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
