import type { IncomingMessage } from 'node:http';
import { TaskError } from '../base/errors.ts';
import { isLoopback } from '../base/loopback.ts';
import type { Role } from '../base/role.ts';
import type { WebConfig } from '../config.ts';
import { Refusal, refuse } from './problem.ts';
import { readTokenCookie } from './who/cookie.ts';

/**
 * What a route lets its caller do: `look` at own tasks and shared data, `oversee` the service and the tasks of all,
 * `change` own tasks (or all, as an operator), `operate` the service.
 */
export type Permission = 'look' | 'oversee' | 'change' | 'operate';

export interface Caller {
  readonly user: string;
  readonly role: Role;
}

const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  user: ['look', 'change'],
  viewer: ['look', 'oversee'],
  operator: ['look', 'oversee', 'change', 'operate'],
};
const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];
const MISDIRECTED = 421;

export function may({ role }: Caller, permission: Permission): boolean {
  return PERMISSIONS[role].includes(permission);
}

/** @throws Refusal E_NOT_ALLOWED */
export function assertMay(caller: Caller, permission: Permission): void {
  if (!may(caller, permission)) throw notAllowed(`the role ${caller.role} may not do this`);
}

/** The user whose tasks a caller may see; null: all users. */
export function visibleUser(caller: Caller): string | null {
  return may(caller, 'oversee') ? null : caller.user;
}

/**
 * Refuses requests that a page of another site may have sent through a user's browser: a request for a host name that
 * is not ours (its owner may let it lead here), or a request that changes something and comes from another site.
 * Browsers say where such a request comes from. A request without this does not come from a browser, unless it has a
 * cookie. A token that is sent as `Authorization` cannot be known to another page.
 * @throws Refusal
 */
export function assertOwnSite(request: IncomingMessage, { mode, host: ownHost, hostNames }: WebConfig): void {
  const { headers, method = '' } = request;
  const host = parseHost(headers.host);
  if (host === null || !(isLoopback(host.name) || host.name === ownHost || hostNames.includes(host.name))) {
    throw refuse(
      MISDIRECTED,
      `this server does not answer to the name ${JSON.stringify(headers.host ?? '')}; ask for it as localhost, or add the name to WEB_HOSTS`,
    );
  }
  if (SAFE_METHODS.includes(method) || (mode === 'token' && bearerOf(request) !== null)) return;
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  const isOwn =
    site !== undefined
      ? site === 'same-origin' || site === 'none'
      : origin === undefined
        ? mode !== 'token' || readTokenCookie(request) === null
        : hostOf(origin) === host.whole;
  if (!isOwn)
    throw notAllowed('the request comes from another site; only pages of this server may change something');
}

/** The token of the header `Authorization: Bearer`; null: there is none. */
export function bearerOf({ headers }: IncomingMessage): string | null {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

function parseHost(header: string | undefined): { readonly whole: string; readonly name: string } | null {
  const found = /^(\[[0-9a-f:]+\]|[^:[\]]+)(:\d+)?$/i.exec(header ?? '');
  if (found === null) return null;
  return { whole: found[0].toLowerCase(), name: (found[1] ?? '').replace(/^\[|\]$/g, '').toLowerCase() };
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

export function notAllowed(text: string): Refusal {
  return new Refusal(403, new TaskError('E_NOT_ALLOWED', text));
}
