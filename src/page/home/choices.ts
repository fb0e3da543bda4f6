import type { TaskDetail } from '../types.ts';

/** What a person chooses for a task. */
export interface Choices {
  readonly lang: string;
  readonly formats: readonly string[];
  readonly search: 'usual' | 'wide';
  readonly partial: boolean;
  /** As the API takes it, such as `split:Anna,Ben`; empty: as the site has it. */
  readonly channels: string;
  /** Empty: named after its recordings. */
  readonly name: string;
}

/** Those of a task, which may have been made in another browser. */
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

/** As the API takes them. */
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
    // Without one, the server names it after its recordings.
    name: name || null,
  };
}

/** By getRandomValues: randomUUID is missing where the page is served without TLS. */
export function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
