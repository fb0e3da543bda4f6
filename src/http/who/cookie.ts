import type { IncomingMessage } from 'node:http';

const NAME = 'autophon_token';
const KEPT_SEC = 30 * 86_400;

/** The token that a browser keeps for the page; null: none. */
export function readTokenCookie({ headers }: IncomingMessage): string | null {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === NAME && value !== undefined && value !== '') return value;
  }
  return null;
}

/** A header that makes a browser keep a token so that no script and no other site can read it. */
export function setTokenCookie(token: string, isHttps: boolean): Readonly<Record<string, string>> {
  return { 'Set-Cookie': formatCookie(token, KEPT_SEC, isHttps) };
}

/** A header that makes a browser forget its token. */
export function dropTokenCookie(isHttps: boolean): Readonly<Record<string, string>> {
  return { 'Set-Cookie': formatCookie('', 0, isHttps) };
}

function formatCookie(value: string, maxAgeSec: number, isHttps: boolean): string {
  const secure = isHttps ? '; Secure' : '';
  return `${NAME}=${value}; Path=/; Max-Age=${maxAgeSec}; HttpOnly; SameSite=Strict${secure}`;
}
