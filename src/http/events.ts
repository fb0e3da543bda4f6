import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Log } from '../base/log.ts';
import type { Db } from '../db/connect.ts';
import { Listener } from '../db/listen.ts';
import { CHANGED_CHANNEL, parseChanges, readChangedTasks } from '../db/task-changes.ts';
import { refuse } from './problem.ts';
import { taskJson } from './task-json.ts';

/** Changes within this time are read with one statement. */
const GATHER_MS = 40;
/** After a failed statement. */
const AGAIN_MS = 1_000;
/** More changes than this at the same time are not reported one by one. */
const MAX_AT_ONCE = 200;
/** This number of events can be repeated for a client whose connection broke. */
const KEPT_EVENTS = 1_000;
const HEARTBEAT_MS = 15_000;
/**
 * After this time the server checks again whether the client may still see the tasks: its token may have been removed.
 */
const LOOK_AGAIN_MS = 60_000;
const MAX_STREAMS = 1_000;
/**
 * Limit of data that a client has not read yet. Above it, the client is disconnected; it connects again and gets what
 * it missed.
 */
const MAX_BEHIND_BYTES = 1024 * 1024;

interface KeptEvent {
  readonly number: number;
  /** Null: for all. */
  readonly user: string | null;
  readonly frame: string;
}

export interface Listening {
  readonly response: ServerResponse;
  /** User whose tasks are reported; null: all users. */
  readonly user: string | null;
  /** The last event that the client has seen; null: it starts now. */
  readonly lastId: string | null;
  /** Whether the client may still see these tasks; rejects if that cannot be found out now. */
  readonly mayStay: () => Promise<boolean>;
}

interface Stream extends Omit<Listening, 'lastId'> {
  lookedAtMs: number;
}

export interface TaskEventsOptions {
  readonly url: string;
  readonly db: Db;
  readonly log: Log;
  /** The part of a task that is sent; left out: all of it. */
  readonly show?: (task: object) => object;
  readonly heartbeatMs?: number;
  readonly lookAgainMs?: number;
}

/**
 * Reports changes to open pages, as server-sent events. One connection listens for all pages, and one statement reads
 * the changes, however many pages are open. Each event has an id, `<server>-<number>`; a client that connects again
 * with the last id it saw gets the events after it, or `many` if these are not known any more.
 */
export class TaskEvents {
  readonly #options: TaskEventsOptions;
  readonly #listener: Listener;
  /** A number from an earlier run of the server has no meaning now. */
  readonly #run = randomBytes(6).toString('hex');
  readonly #streams = new Set<Stream>();
  readonly #changed = new Set<string>();
  /** What was last sent about each task: a change that no list shows is not an event. */
  readonly #lastSaid = new Map<string, string>();
  #kept: KeptEvent[] = [];
  #number = 0;
  #isMany = false;
  #timer: NodeJS.Timeout | null = null;
  #isReading = false;
  #heartbeat: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(options: TaskEventsOptions) {
    const { url, log } = options;
    this.#options = options;
    this.#listener = new Listener({
      url,
      channels: [CHANGED_CHANNEL],
      onNotification: (_, payload) => this.#note(payload),
      // Changes while no page listened are not known.
      onConnected: () => this.#note('many'),
      onLost: (error) => log.warn('notifications.lost', { error }),
    });
  }

  get isListening(): boolean {
    return this.#listener.isConnected;
  }

  async start(): Promise<void> {
    const { heartbeatMs = HEARTBEAT_MS, lookAgainMs = LOOK_AGAIN_MS } = this.#options;
    await this.#listener.start();
    this.#heartbeat = setInterval(() => {
      for (const stream of this.#streams) {
        this.#send(stream, ': still here\n\n');
        if (performance.now() - stream.lookedAtMs >= lookAgainMs) void this.#lookAgain(stream);
      }
    }, heartbeatMs);
  }

  async #lookAgain(stream: Stream): Promise<void> {
    stream.lookedAtMs = performance.now();
    // Not known: the database is unreachable, and reports no changes either.
    if (await stream.mayStay().catch(() => true)) return;
    this.#close(stream);
    stream.response.end();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    for (const { response } of this.#streams) response.end();
    await this.#listener.stop();
  }

  /** Answers with events until the client leaves or may not see the tasks any more. */
  open({ response, user, lastId, mayStay }: Listening): void {
    if (this.#isStopped) throw refuse(503, 'the server is stopping', { 'Retry-After': '1' });
    if (this.#streams.size >= MAX_STREAMS) {
      throw refuse(503, `${MAX_STREAMS} pages listen already`, { 'Retry-After': '30' });
    }
    // The client left while the server checked who it is: no later event would report its end.
    if (response.destroyed) return;
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
    const stream = { response, user, mayStay, lookedAtMs: performance.now() };
    this.#streams.add(stream);
    response.once('close', () => this.#close(stream));
    const missed = lastId === null ? [] : this.#since(lastId);
    if (missed === null) this.#send(stream, this.#frame('many', {}, this.#number));
    else for (const event of missed) if (isFor(event, stream)) this.#send(stream, event.frame);
    // Sent after the missed events: its id says that everything before was sent.
    this.#send(stream, `retry: 1000\n${this.#frame('ready', {}, this.#number)}`);
  }

  #close(stream: Stream): void {
    this.#streams.delete(stream);
    // From now on no page is told of changes, so these cannot be repeated later.
    if (this.#streams.size === 0) this.#forget();
  }

  #forget(): void {
    this.#number++;
    this.#kept = [];
    this.#lastSaid.clear();
    this.#changed.clear();
    this.#isMany = false;
  }

  /** @returns null: they are not known */
  #since(lastId: string): KeptEvent[] | null {
    const [run, text = ''] = lastId.split('-');
    const number = Number(text);
    const oldest = this.#kept[0]?.number ?? this.#number + 1;
    if (run !== this.#run || !/^\d{1,15}$/.test(text) || number > this.#number || number + 1 < oldest)
      return null;
    return this.#kept.filter((event) => event.number > number);
  }

  #note(payload: string): void {
    if (this.#streams.size === 0 || this.#isStopped) {
      this.#forget();
      return;
    }
    const ids = parseChanges(payload);
    if (ids === null) this.#isMany = true;
    else for (const id of ids) this.#changed.add(id);
    if (this.#changed.size > MAX_AT_ONCE) this.#isMany = true;
    this.#readLater(GATHER_MS);
  }

  #readLater(afterMs: number): void {
    if (this.#timer !== null || this.#isReading || this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#read();
    }, afterMs);
  }

  async #read(): Promise<void> {
    const ids = [...this.#changed];
    const isMany = this.#isMany;
    this.#changed.clear();
    this.#isMany = false;
    if (isMany) {
      this.#lastSaid.clear();
      this.#tell(null, 'many', {});
      return;
    }
    if (ids.length === 0) return;
    this.#isReading = true;
    try {
      const { tasks, deleted } = await readChangedTasks(this.#options.db, ids);
      for (const task of tasks) this.#tellTask(task.id, task.user_uuid, taskJson(task, null));
      for (const { id, user_uuid, task_id } of deleted)
        this.#tellTask(id, user_uuid, { id: task_id, status: 'deleted' });
    } catch (error) {
      this.#options.log.warn('web.changes_not_read', { error });
      this.#isMany = true;
    } finally {
      this.#isReading = false;
    }
    if (this.#isMany) this.#readLater(AGAIN_MS);
    else if (this.#changed.size > 0) this.#readLater(GATHER_MS);
  }

  #tellTask(rowId: string, user: string, whole: object): void {
    const { show } = this.#options;
    const task = show === undefined ? whole : show(whole);
    const said = JSON.stringify(task);
    if (this.#lastSaid.get(rowId) === said) return;
    this.#lastSaid.delete(rowId);
    this.#lastSaid.set(rowId, said);
    if (this.#lastSaid.size > KEPT_EVENTS) this.#lastSaid.delete(this.#lastSaid.keys().next().value ?? '');
    this.#tell(user, 'task', task);
  }

  #tell(user: string | null, name: string, data: object): void {
    const number = ++this.#number;
    const event = { number, user, frame: this.#frame(name, data, number) };
    this.#kept.push(event);
    // Only from time to time, since each call takes time in proportion to the list.
    if (this.#kept.length > 2 * KEPT_EVENTS) this.#kept = this.#kept.slice(-KEPT_EVENTS);
    for (const stream of this.#streams) if (isFor(event, stream)) this.#send(stream, event.frame);
  }

  #frame(name: string, data: object, number: number): string {
    return `id: ${this.#run}-${number}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  #send({ response }: Stream, text: string): void {
    if (response.writableLength > MAX_BEHIND_BYTES) response.destroy();
    else response.write(text);
  }
}

function isFor(event: KeptEvent, { user }: Stream): boolean {
  return event.user === null || user === null || event.user === user;
}
