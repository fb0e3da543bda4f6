import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';

/** The files of the page. */
export interface Assets {
  /** @returns false when nothing of the page is at this path, and the request is not answered */
  respond(request: IncomingMessage, response: ServerResponse, path: string): boolean;
}

const INDEX = path.resolve(import.meta.dirname, '../page/index.html');
const POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

export function createAssets(): Assets {
  const index = existsSync(INDEX) ? readFileSync(INDEX) : null;
  return {
    respond: (_, response, pathname) => {
      if (index === null || pathname !== '/') return false;
      response.writeHead(200, {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Length': index.length,
        'Content-Security-Policy': POLICY,
      });
      response.end(index);
      return true;
    },
  };
}
