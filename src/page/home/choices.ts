import type { TaskDetail } from '../types.ts';
import { recall } from './remembered.ts';

/** What a person chooses for a task. */
export interface Choices {
  readonly lang: string;
  readonly formats: readonly string[];
  readonly search: 'usual' | 'wide';
  readonly partial: boolean;
  /** Empty: named after its recordings. */
  readonly name: string;
}

/** Those of the last task. */
export function recallChoices(): Choices {
  const { lang, formats, search, partial } = recall();
  return { lang, formats, search, partial, name: '' };
}

/** Those of a task that is on the server. */
export function choicesOf(task: TaskDetail): Choices {
  return {
    lang: task.lang,
    formats: task.formats ?? [],
    search: task.options?.['search'] === 'wide' ? 'wide' : 'usual',
    partial: task.options?.['partial_results'] === 'allow',
    name: task.name === task.id ? '' : task.name,
  };
}

/** As the API takes them. */
export function optionsOf({ lang, formats, search, partial, name }: Choices): Record<string, unknown> {
  return {
    lang,
    formats: formats.length === 0 ? null : formats,
    search,
    partial_results: partial ? 'allow' : 'fail',
    // Without one, the server names it after its recordings.
    name: name || null,
  };
}
