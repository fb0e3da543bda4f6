import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlockList } from 'node:net';
import { TaskError } from '../../base/errors.ts';
import { toBlockList } from '../../base/networks.ts';
import { PLAIN_NAME, PLAIN_NAME_RULE } from '../../base/plain-name.ts';
import type { WebConfig } from '../../config.ts';
import type { Db } from '../../db/connect.ts';
import { findTokenOwner, firstTokenHint } from '../../tasks/web-tokens.ts';
import { Refusal } from '../problem.ts';
import { bearerOf, type Caller, notAllowed } from '../who.ts';
import { findClient } from './client.ts';
import { dropTokenCookie, readTokenCookie, setTokenCookie } from './cookie.ts';
import { OpenRequests } from './open-requests.ts';
import { RateLimit } from './rate-limit.ts';

/** A page that loads a long recording, or sends thousands of small files, stays below this rate. */
const REQUESTS = { burst: 2_000, perSec: 200, what: 'requests' } as const;
const NOT_LET_IN: readonly number[] = [401, 403];
const FAILED_LOGINS = { burst: 20, perSec: 0.2, what: 'tokens that are not valid' } as const;

export interface SignedIn {
  readonly caller: Caller;
  readonly headers: Readonly<Record<string, string>>;
}

/** Finds out who asks, as the setting WEB_MODE says. */
export class Gate {
  readonly #db: Db;
  readonly #web: WebConfig;
  readonly #proxies: BlockList;
  readonly #requests = new RateLimit(REQUESTS);
  readonly #failedLogins = new RateLimit(FAILED_LOGINS);
  readonly #open = new OpenRequests();
  /** Called until there is a token. */
  #hasTokens = false;

  constructor(db: Db, web: WebConfig) {
    this.#db = db;
    this.#web = web;
    this.#proxies = toBlockList(web.proxies);
  }

  /** @throws Refusal 401 when the request names no user, 403 when a name is not trusted, 429 */
  async identify(request: IncomingMessage): Promise<Caller> {
    const { mode, user } = this.#web;
    // In the mode local there are no other users to protect from.
    if (mode === 'local') return { user, role: 'operator' };
    const caller = mode === 'proxy' ? this.#named(request) : await this.#withToken(request);
    this.#requests.take(caller.user);
    return caller;
  }

  /** The same, and counts the request until its answer has ended. @throws Refusal 429 when too many are open, too */
  async admit(request: IncomingMessage, response: ServerResponse): Promise<Caller> {
    const caller = await this.identify(request);
    this.#open.enter(caller.user, response);
    return caller;
  }

  /**
   * Whether an open request still has the same caller as when it arrived.
   * @throws what `identify` throws, but not 401 and 403
   */
  async isStill(request: IncomingMessage, { user, role }: Caller): Promise<boolean> {
    try {
      const now = await this.identify(request);
      return now.user === user && now.role === role;
    } catch (error) {
      if (error instanceof Refusal && NOT_LET_IN.includes(error.status)) return false;
      throw error;
    }
  }

  /** Gives a browser a token to keep. @throws Refusal 401, 429; TaskError E_NOT_FOUND in other modes */
  async signIn(request: IncomingMessage, token: string): Promise<SignedIn> {
    if (this.#web.mode !== 'token') {
      throw new TaskError('E_NOT_FOUND', `there is no signing in here: WEB_MODE is ${this.#web.mode}`);
    }
    const caller = await this.#ownerOf(request, token);
    return { caller, headers: setTokenCookie(token, this.isHttps(request)) };
  }

  /** @returns headers that make a browser forget its token, whether it is valid or not */
  signOut(request: IncomingMessage): Readonly<Record<string, string>> {
    return dropTokenCookie(this.isHttps(request));
  }

  /** Whether the client used https; a proxy of the site says so. */
  isHttps(request: IncomingMessage): boolean {
    return findClient(request, this.#proxies).isHttps;
  }

  #named(request: IncomingMessage): Caller {
    const { userHeader, operators } = this.#web;
    const { isByProxy, address } = findClient(request, this.#proxies);
    if (!isByProxy) {
      throw notAllowed(
        `this server is asked through its proxy only, and ${address} is not in WEB_PROXIES; ask for the address of the proxy`,
      );
    }
    const user = request.headers[userHeader];
    if (user === undefined || user === '') {
      throw this.#notSignedIn(`the proxy has not said who you are: expected the header ${userHeader}`);
    }
    if (typeof user !== 'string' || !PLAIN_NAME.test(user)) {
      throw notAllowed(
        `the user ${JSON.stringify(user)} in ${userHeader}: expected one name of ${PLAIN_NAME_RULE}`,
      );
    }
    return { user, role: operators.includes(user) ? 'operator' : 'user' };
  }

  async #withToken(request: IncomingMessage): Promise<Caller> {
    const bearer = bearerOf(request);
    const token = bearer ?? readTokenCookie(request);
    if (token === null) {
      const hint = this.#hasTokens ? null : await firstTokenHint(this.#db);
      this.#hasTokens = hint === null;
      throw this.#notSignedIn(
        'expected a token: sign in on the page, or send the header "Authorization: Bearer TOKEN". An operator makes one with "autophon token add USER"',
        {},
        hint === null ? {} : { hint },
      );
    }
    // A browser that goes on with a removed token must not count as a client that guesses tokens.
    return this.#ownerOf(request, token, bearer === null ? this.signOut(request) : {});
  }

  async #ownerOf(
    request: IncomingMessage,
    token: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Caller> {
    const owner = await findTokenOwner(this.#db, token);
    if (owner !== null) return owner;
    this.#failedLogins.take(findClient(request, this.#proxies).address);
    throw this.#notSignedIn(
      'the token is not valid; it may have been removed. Ask an operator for a new one',
      headers,
    );
  }

  #notSignedIn(
    text: string,
    headers: Readonly<Record<string, string>> = {},
    more: Readonly<Record<string, string>> = {},
  ): Refusal {
    const { mode } = this.#web;
    return new Refusal(
      401,
      new TaskError('E_NOT_ALLOWED', text),
      { ...headers, 'WWW-Authenticate': 'Bearer realm="Autophon"' },
      { mode, ...more },
    );
  }
}
