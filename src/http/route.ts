import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { SiteResources } from '../app/resources.ts';
import type { FolderHider } from '../base/hide-folders.ts';
import type { Config } from '../config.ts';
import type { Db } from '../db/connect.ts';
import type { ListedTask } from '../db/task-list.ts';
import type { Actions } from '../tasks/actions.ts';
import type { NewTaskServices } from '../tasks/new-task.ts';
import type { Quota } from '../tasks/quota.ts';
import type { FileReceiver } from '../tasks/receive-file.ts';
import type { TaskEvents } from './events.ts';
import type { PathParts } from './path-parts.ts';
import type { Gate } from './who/gate.ts';
import type { Caller, Permission } from './who.ts';
import type { WorkLimit } from './work-limit.ts';

/** What all routes work with. */
export interface WebContext {
  readonly config: Config;
  readonly db: Db;
  readonly resources: SiteResources;
  readonly drafts: NewTaskServices;
  readonly receiver: FileReceiver;
  readonly quota: Quota;
  readonly work: WorkLimit;
  /** Hides the folders of the server from those who do not operate it. */
  readonly folders: FolderHider;
  readonly actions: Actions;
  readonly events: TaskEvents;
  readonly gate: Gate;
}

/** For a client that has not signed in yet. */
export interface EntranceCall {
  readonly context: WebContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: PathParts;
  readonly query: URLSearchParams;
  /** Aborted when the client is gone or the server stops. */
  readonly signal: AbortSignal;
}

export interface RouteCall extends EntranceCall {
  readonly caller: Caller;
}

/** For a route whose path names a task: the task exists, and the caller may use it. */
export interface TaskCall extends RouteCall {
  readonly task: ListedTask;
}

/** An answer as JSON; null: the route has sent its answer itself. */
export type Answer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Left out: no body. */
  readonly json?: unknown;
} | null;

/** The schema of JSON, or the media type of another body. */
export type Content = z.ZodType | `${string}/${string}`;

/** Headers that a route reads, in addition to those that identify the caller. */
export type RequestHeader =
  | 'Content-Range'
  | 'Idempotency-Key'
  | 'If-Match'
  | 'If-None-Match'
  | 'Last-Event-ID'
  | 'Range';

interface RouteBase {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Such as `/api/v1/tasks/:id`; `*name` at the end takes the rest of the path. */
  readonly path: string;
  /** What it does, in one line. */
  readonly summary: string;
  /** Schema of the parameters of the URL; left out: it has none. */
  readonly query?: z.ZodObject;
  /** Left out: none. */
  readonly headers?: readonly RequestHeader[];
  /** The body of a request; left out: none. */
  readonly body?: Content;
  /** The answer; left out: none. */
  readonly answers?: Content;
}

interface GuardedRoute extends RouteBase {
  readonly may: Permission;
}

/**
 * A route says who may use it, and whether it is about one task, which its path then names as `:id`. The router checks
 * both before `answer` is called. A route for signing in is open to all.
 */
export type Route =
  | (GuardedRoute & { readonly about: 'task'; readonly answer: (call: TaskCall) => Promise<Answer> })
  | (GuardedRoute & { readonly about: 'all'; readonly answer: (call: RouteCall) => Promise<Answer> })
  | (RouteBase & { readonly about: 'entrance'; readonly answer: (call: EntranceCall) => Promise<Answer> });
