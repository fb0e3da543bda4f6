import type { Finding } from '../../base/finding.ts';
import { addressOf, ask, Problem } from '../api.ts';
import { createStore } from '../store.ts';
import type { CheckReport, Task, TaskFile } from '../types.ts';
import type { GivenFile } from './dropped-files.ts';
import { pairFiles } from './pairing.ts';
import { recall, remember } from './remembered.ts';
import { removeFile, type UploadEntry, Uploader } from './upload.ts';

/** What a person chooses for a task. */
export interface Choices {
  readonly lang: string;
  readonly formats: readonly string[];
  readonly search: 'usual' | 'wide';
  readonly partial: boolean;
  /** Empty: named after its recordings. */
  readonly name: string;
}

export type CheckState =
  | { readonly state: 'none' }
  | { readonly state: 'running' }
  | { readonly state: 'ready'; readonly report: CheckReport }
  | { readonly state: 'failed'; readonly problem: string };

/** Counts changes of the draft; whoever shows it draws anew. */
export const draftChanges = createStore(0);
/** The draft that is shown; null: none. */
export const currentDraft = createStore<Draft | null>(null);

/**
 * A task that is being put together. It is on the server as soon as its language is known, and its files are sent at
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
  #creating: Promise<void> | null = null;
  #isDrawing = false;

  constructor() {
    const { lang, formats, search, partial } = recall();
    this.choices = { lang, formats, search, partial, name: '' };
  }

  /** Opens a draft that is on the server. @throws Problem */
  static async open(task: Task): Promise<Draft> {
    const { files } = await ask<{ files: TaskFile[] }>(addressOf('tasks', task.id, 'files'));
    const draft = new Draft();
    draft.taskId = task.id;
    draft.choices = { ...draft.choices, lang: task.lang, name: task.name === task.id ? '' : task.name };
    for (const { name, bytes, complete } of files) {
      const state = complete ? 'done' : 'waiting';
      draft.entries.set(name, { name, bytes, file: null, received: bytes, state, problem: null });
    }
    draft.uploader = new Uploader(task.id, draft.entries, draft.changed);
    remember({ draft: task.id });
    draft.#checkWhenThere();
    return draft;
  }

  readonly changed = (): void => {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    // Many files tell of their progress many times a second: one picture for all.
    requestAnimationFrame(() => {
      this.#isDrawing = false;
      draftChanges.update((count) => count + 1);
      this.#checkWhenThere();
    });
  };

  add(given: readonly GivenFile[]): void {
    for (const { name, file } of given) {
      const known = this.entries.get(name);
      if (known?.state === 'done' && known.bytes === file.size && known.file === null) continue;
      const received = known?.file === null && known.state === 'waiting' ? Math.max(1, known.received) : 0;
      if (known !== undefined) this.uploader?.drop(known);
      this.entries.set(name, { name, bytes: file.size, file, received, state: 'waiting', problem: null });
    }
    for (const { name } of pairFiles([...this.entries.values()]).ignored) {
      // Dictionaries and notes are named, but not sent.
      if (this.entries.get(name)?.state === 'waiting') {
        this.entries.delete(name);
        this.ignored.add(name);
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
    }
    this.forgetCheck();
    const { taskId } = this;
    if (taskId === null) return;
    await this.#try(async () => {
      for (const name of names) await removeFile(taskId, name);
    });
  }

  async choose(changes: Partial<Choices>): Promise<void> {
    this.choices = { ...this.choices, ...changes };
    const { lang, formats, search, partial } = this.choices;
    remember({ lang, formats, search, partial });
    const { taskId } = this;
    if (taskId === null) {
      this.changed();
      await this.start();
      return;
    }
    if (changes.lang !== undefined) this.forgetCheck();
    await this.#try(() => ask(addressOf('tasks', taskId), { method: 'PATCH', body: this.#options() }));
  }

  /** Makes the task on the server when its language is known, then sends files. */
  async start(): Promise<void> {
    if (this.taskId === null && this.choices.lang !== '' && this.entries.size > 0) {
      this.#creating ??= this.#try(async () => {
        const headers = { 'idempotency-key': randomKey() };
        const task = await ask<Task>(addressOf('tasks'), { method: 'POST', body: this.#options(), headers });
        this.taskId = task.id;
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
    await this.#try(async () => {
      queued = await ask<Task>(addressOf('tasks', taskId, 'queue'), { method: 'POST' });
    });
    this.isQueueing = false;
    if (queued !== null) this.close();
    return queued;
  }

  async discard(): Promise<void> {
    const { taskId } = this;
    this.close();
    if (taskId === null) return;
    await ask(addressOf('tasks', taskId), { method: 'DELETE' }).catch(() => undefined);
  }

  close(): void {
    this.uploader?.stop();
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
    try {
      const report = await ask<CheckReport>(addressOf('tasks', taskId, 'check'), { method: 'POST' });
      outcome = { state: 'ready', report };
    } catch (error) {
      outcome = { state: 'failed', problem: (error as Error).message };
    }
    // Something was changed meanwhile: this answer is about what is no more.
    if (number !== this.#checks) return;
    this.check = outcome;
    this.changed();
  }

  #options(): Record<string, unknown> {
    const { lang, formats, search, partial, name } = this.choices;
    return {
      lang,
      formats: formats.length === 0 ? null : formats,
      search,
      partial_results: partial ? 'allow' : 'fail',
      // Without one, the server names it after its recordings.
      name: name || null,
    };
  }

  async #try(work: () => Promise<unknown>): Promise<void> {
    this.problem = null;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // Findings are shown at their files, in place of one long text.
      this.refusal = error.faults.filter(({ place }) => place !== undefined);
      this.problem = this.refusal.length > 0 ? null : error.message;
    }
    this.changed();
  }
}

/** By getRandomValues: randomUUID is missing where the page is served without TLS. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
