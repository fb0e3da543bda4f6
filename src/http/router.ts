import type { IncomingMessage, ServerResponse } from 'node:http';
import { TaskError } from '../base/errors.ts';
import { findListedTask } from '../db/task-list.ts';
import { PathParts } from './path-parts.ts';
import { Refusal, refuse } from './problem.ts';
import type { Answer, Route, WebContext } from './route.ts';
import { assertMay, may, visibleUser } from './who.ts';

interface Pattern {
  readonly route: Route;
  readonly parts: readonly string[];
}

/** Finds the route of a request, checks who asks, and lets it answer. */
export class Router {
  readonly #patterns: readonly Pattern[];

  constructor(routes: readonly Route[]) {
    this.#patterns = routes.map((route) => ({ route, parts: route.path.slice(1).split('/') }));
  }

  /**
   * @param pathname - as in the URL, still encoded
   * @throws Refusal and what routes throw
   */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    { pathname, searchParams }: URL,
    context: WebContext,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { route, params } = this.#find(request.method ?? '', pathname);
    const entered = { context, request, response, params, query: searchParams, signal };
    if (route.about === 'entrance') return route.answer(entered);
    const caller = await context.gate.admit(request, response);
    assertMay(caller, route.may);
    const call = { ...entered, caller };
    const shown = (answer: Answer) => (may(caller, 'operate') ? answer : withoutFolders(answer, context));
    if (route.about === 'all') return shown(await route.answer(call));
    const task = await findListedTask(context.db, params.get('id'));
    const user = visibleUser(caller);
    // A user must not find out that another user has a task of this name.
    if (task === undefined || (user !== null && task.user_uuid !== user)) {
      throw new TaskError(
        'E_NOT_FOUND',
        `there is no task ${JSON.stringify(params.get('id'))}; it may have been deleted`,
      );
    }
    return shown(await route.answer({ ...call, task }));
  }

  #find(method: string, pathname: string): { route: Route; params: PathParts } {
    const given = pathname.slice(1).split('/');
    const methods: string[] = [];
    for (const { route, parts } of this.#patterns) {
      const params = match(parts, given);
      if (params === null) continue;
      if (route.method === method) return { route, params };
      methods.push(route.method);
    }
    if (methods.length === 0) {
      throw new TaskError('E_NOT_FOUND', `there is nothing at ${pathname.slice(0, 200)}`);
    }
    throw refuse(405, `${method} is not possible here; expected ${methods.join(', ')}`, {
      Allow: methods.join(', '),
    });
  }
}

/** Messages of engines and of the system about a task may name folders of the server. */
function withoutFolders(answer: Answer, { folders }: WebContext): Answer {
  if (answer === null || answer.json === undefined) return answer;
  return { ...answer, json: folders.hideIn(answer.json) };
}

/** @returns the values of `:name` and `*name`, decoded; null: another path */
function match(parts: readonly string[], given: readonly string[]): PathParts | null {
  const params = new PathParts();
  for (const [index, part] of parts.entries()) {
    const value = part.startsWith('*') ? given.slice(index).join('/') : given[index];
    if (value === undefined || (value === '' && part !== '')) return null;
    if (part.startsWith('*')) {
      params.set(part.slice(1), decode(value));
      return params;
    }
    if (part.startsWith(':')) params.set(part.slice(1), decode(value));
    else if (part !== value) return null;
  }
  return parts.length === given.length ? params : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new Refusal(
      400,
      new TaskError('E_USAGE', 'the address has a % that is not followed by two digits of UTF-8', { cause }),
    );
  }
}
