import type { TaskDetail } from '../types.ts';

/** The options that a user chooses for a task. */
export interface Choices {
  readonly lang: string;
  readonly formats: readonly string[];
  readonly search: 'usual' | 'wide';
  readonly partial: boolean;
  /** In the form of the API, such as `split:Anna,Ben`; empty: the default of the site. */
  readonly channels: string;
  /** Empty: named after its recordings. */
  readonly name: string;
}

/** The options of a task, which may have been made in another browser. */
export function choicesOf({ id, lang, formats, options, name }: TaskDetail): Choices {
  return {
    lang,
    formats: formats ?? [],
    search: options?.['search'] === 'wide' ? 'wide' : 'usual',
    partial: options?.['partial_results'] === 'allow',
    channels: typeof options?.['channels'] === 'string' ? options['channels'] : '',
    name: name === id ? '' : name,
  };
}

/** In the form of the API. */
export function toOptions({
  lang,
  formats,
  search,
  partial,
  channels,
  name,
}: Choices): Record<string, unknown> {
  return {
    lang,
    formats: formats.length === 0 ? null : formats,
    search,
    partial_results: partial ? 'allow' : 'fail',
    channels: channels || null,
    // Without a name, the server names it after its recordings.
    name: name || null,
  };
}

/** With getRandomValues, because randomUUID is missing if the page is served without TLS. */
export function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
