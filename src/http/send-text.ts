import type { ServerResponse } from 'node:http';

/** Answers with a text. @param type - its media type */
export function sendText(response: ServerResponse, text: string, type = 'text/plain'): null {
  const body = Buffer.from(text);
  response.writeHead(200, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': body.length });
  response.end(body);
  return null;
}
