import type { Finding } from '../../base/finding.ts';
import { addressOf, ask, Problem } from '../api.ts';
import { connection } from '../live.ts';
import { createStore } from '../store.ts';
import type { CheckReport, Task, TaskDetail, TaskFile } from '../types.ts';
import { type Choices, choicesOf, randomKey, toOptions } from './choices.ts';
import type { GivenFile } from './dropped-files.ts';
import { type Paired, pairFiles } from './pairing.ts';
import { recall, recallFiles, remember, rememberFiles } from './remembered.ts';
import { removeFile, type UploadEntry, Uploader } from './upload.ts';

export type CheckState =
  | { readonly state: 'none' }
  | { readonly state: 'running' }
  | { readonly state: 'ready'; readonly report: CheckReport }
  | { readonly state: 'failed'; readonly problem: string; readonly isOffline: boolean };

/** How often the page is drawn while thousands of files are sent. */
const DRAW_MANY_MS = 250;
const MANY = 200;

/** Counts changes of the draft, so that a view that shows it is drawn again. */
export const draftChanges = createStore(0);
/** The draft that is shown; null: none. */
export const currentDraft = createStore<Draft | null>(null);

/**
 * A task that the user is preparing. It is on the server as soon as its language is known, and its files are sent at
 * once, so that it survives a reload of the page.
 */
export class Draft {
  readonly entries = new Map<string, UploadEntry>();
  /** Files that no task uses. */
  readonly ignored = new Set<string>();
  taskId: string | null = null;
  choices: Choices;
  check: CheckState = { state: 'none' };
  problem: string | null = null;
  /** Why the server did not queue it. */
  refusal: readonly Finding[] = [];
  isQueueing = false;
  uploader: Uploader | null = null;
  #checks = 0;
  /** Changes that the server does not know yet. They are sent before each check and before the task is queued. */
  readonly #removed = new Set<string>();
  #hasNewChoices = false;
  #saving: Promise<boolean> | null = null;
  #creating: Promise<boolean> | null = null;
  #isDrawing = false;
  #paired: Paired<UploadEntry> | null = null;

  constructor() {
    const { lang, formats, search, partial, channels } = recall();
    this.choices = { lang, formats, search, partial, channels, name: '' };
  }

  /** Opens a draft that is on the server. @throws Problem */
  static async open(taskId: string): Promise<Draft> {
    const [task, { files }] = await Promise.all([
      ask<TaskDetail>(addressOf('tasks', taskId)),
      ask<{ files: TaskFile[] }>(addressOf('tasks', taskId, 'files')),
    ]);
    const draft = new Draft();
    const known = recallFiles(task.id);
    const modifiedOf = new Map(known.map(([name, , modified]) => [name, modified]));
    draft.taskId = task.id;
    draft.choices = choicesOf(task);
    for (const [name, bytes, modified] of known) {
      const entry = { name, bytes, modified, file: null, received: 0, problem: null };
      draft.entries.set(name, { ...entry, state: 'waiting' });
    }
    for (const { name, bytes } of files) {
      const entry = { name, bytes, file: null, received: bytes, problem: null };
      draft.entries.set(name, { ...entry, modified: modifiedOf.get(name) ?? null, state: 'done' });
    }
    draft.uploader = new Uploader(task.id, draft.entries, draft.changed);
    remember({ draft: task.id });
    draft.#checkWhenThere();
    return draft;
  }

  /** Which files belong together. */
  get paired(): Paired<UploadEntry> {
    this.#paired ??= pairFiles([...this.entries.values()]);
    return this.#paired;
  }

  readonly changed = (): void => {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    // Many files report progress many times a second: they are drawn together.
    const draw = (): void => {
      this.#isDrawing = false;
      draftChanges.update((count) => count + 1);
      this.#checkWhenThere();
    };
    if (this.entries.size < MANY) requestAnimationFrame(draw);
    else setTimeout(draw, DRAW_MANY_MS);
  };

  add(given: readonly GivenFile[]): void {
    for (const { name, file } of given) {
      const known = this.entries.get(name);
      const isSame = known?.bytes === file.size && known.modified === file.lastModified;
      if (isSame && (known.state === 'done' || known.state === 'sending')) continue;
      // Part of it may have arrived, so the server is asked.
      const received = isSame && known.state === 'waiting' ? Math.max(1, known.received) : 0;
      if (known !== undefined) this.uploader?.drop(known);
      this.#removed.delete(name);
      const entry = { name, bytes: file.size, modified: file.lastModified, file, received, problem: null };
      this.entries.set(name, { ...entry, state: 'waiting' });
    }
    this.#paired = null;
    for (const { name } of this.paired.ignored) {
      // Dictionaries and notes are listed, but not sent.
      if (this.entries.get(name)?.state === 'waiting') {
        this.entries.delete(name);
        this.ignored.add(name);
        this.#paired = null;
      }
    }
    this.forgetCheck();
    void this.start();
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const entry = this.entries.get(name);
      if (entry !== undefined) this.uploader?.drop(entry);
      this.entries.delete(name);
      this.#removed.add(name);
    }
    this.#paired = null;
    this.forgetCheck();
    await this.#save();
  }

  async choose(changes: Partial<Choices>): Promise<void> {
    this.choices = { ...this.choices, ...changes };
    const { lang, formats, search, partial, channels } = this.choices;
    remember({ lang, formats, search, partial, channels });
    if (this.taskId === null) {
      this.changed();
      await this.start();
      return;
    }
    this.#hasNewChoices = true;
    if (changes.lang !== undefined) this.forgetCheck();
    await this.#save();
  }

  /** Makes the task on the server when its language is known, then sends files. */
  async start(): Promise<void> {
    if (this.taskId === null && this.choices.lang !== '' && this.entries.size > 0) {
      this.#creating ??= this.#try(async () => {
        const headers = { 'idempotency-key': randomKey() };
        const task = await ask<Task>(addressOf('tasks'), {
          method: 'POST',
          body: toOptions(this.choices),
          headers,
        });
        this.taskId = task.id;
        this.#removed.clear();
        remember({ draft: task.id });
        this.uploader = new Uploader(task.id, this.entries, this.changed);
      }).finally(() => {
        this.#creating = null;
      });
      await this.#creating;
    }
    this.uploader?.run();
    this.changed();
  }

  /** After a reload of the page. */
  keepFiles(): void {
    if (this.taskId === null) return;
    const files = [...this.entries.values()].flatMap(({ name, bytes, modified }) =>
      modified === null ? [] : [[name, bytes, modified] as const],
    );
    rememberFiles(this.taskId, files);
  }

  forgetCheck(): void {
    this.#checks++;
    this.check = { state: 'none' };
    this.refusal = [];
    this.changed();
  }

  /** @returns the queued task; null when it was refused, and the reasons are shown */
  async queue(): Promise<Task | null> {
    const { taskId } = this;
    if (taskId === null) return null;
    this.isQueueing = true;
    let queued: Task | null = null;
    if (await this.#save())
      await this.#try(async () => {
        queued = await ask<Task>(addressOf('tasks', taskId, 'queue'), { method: 'POST' });
      });
    this.isQueueing = false;
    if (queued !== null) this.close();
    return queued;
  }

  /** The server answers again: actions that failed without it are done now. */
  reconnected(): void {
    this.uploader?.tryNow();
    if (this.check.state === 'failed' && this.check.isOffline) this.forgetCheck();
    else if (this.problem !== null && (this.#hasNewChoices || this.#removed.size > 0)) void this.#save();
  }

  async discard(): Promise<void> {
    const { taskId } = this;
    this.close();
    if (taskId === null) return;
    await ask(addressOf('tasks', taskId), { method: 'DELETE' }).catch(() => undefined);
  }

  close(): void {
    this.uploader?.stop();
    rememberFiles('', []);
    remember({ draft: null });
    currentDraft.set(null);
  }

  #checkWhenThere(): void {
    const { taskId } = this;
    const all = [...this.entries.values()];
    if (taskId === null || all.length === 0 || this.check.state !== 'none') return;
    if (all.every(({ state }) => state === 'done')) void this.#runCheck(taskId);
  }

  async #runCheck(taskId: string): Promise<void> {
    const number = ++this.#checks;
    let outcome: CheckState;
    this.check = { state: 'running' };
    draftChanges.update((count) => count + 1);
    await this.#save();
    try {
      const report = await ask<CheckReport>(addressOf('tasks', taskId, 'check'), { method: 'POST' });
      outcome = { state: 'ready', report };
    } catch (error) {
      const isOffline = error instanceof Problem && error.status === 0;
      outcome = { state: 'failed', problem: (error as Error).message, isOffline };
    }
    // Something was changed meanwhile, so this answer is out of date.
    if (number !== this.#checks) return;
    this.check = outcome;
    this.changed();
  }

  /**
   * Sends the server the changes that it does not know.
   * @returns whether it knows all now
   */
  async #save(): Promise<boolean> {
    const { taskId } = this;
    if (taskId === null || (!this.#hasNewChoices && this.#removed.size === 0)) return true;
    this.#saving ??= this.#try(async () => {
      for (const name of this.#removed) {
        await removeFile(taskId, name);
        this.#removed.delete(name);
      }
      while (this.#hasNewChoices) {
        const body = toOptions(this.choices);
        await ask(addressOf('tasks', taskId), { method: 'PATCH', body, keepalive: true });
        this.#hasNewChoices = JSON.stringify(body) !== JSON.stringify(toOptions(this.choices));
      }
    }).finally(() => {
      this.#saving = null;
    });
    return this.#saving;
  }

  /** @returns false: it failed, and the reason is shown */
  async #try(work: () => Promise<unknown>): Promise<boolean> {
    this.problem = null;
    let isDone = true;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      isDone = false;
      // Findings are shown at their files, not as one long text.
      this.refusal = error.faults.filter(({ place }) => place !== undefined);
      this.problem = this.refusal.length > 0 ? null : error.message;
    }
    this.changed();
    return isDone;
  }
}

// `pagehide` is the last event that a page gets for certain, also on telephones.
window.addEventListener('pagehide', () => currentDraft.get()?.keepFiles());
connection.subscribe(() => {
  if (connection.get().state === 'live') currentDraft.get()?.reconnected();
});
