/** What the user chose last, for the next time, and the draft of this browser. Kept in the browser. */
export interface Remembered {
  readonly lang: string;
  /** Left out: the defaults of the site. */
  readonly formats: readonly string[];
  readonly search: 'usual' | 'wide';
  readonly partial: boolean;
  readonly channels: string;
  readonly draft: string | null;
}

const NAME = 'autophon';
const NOTHING: Remembered = {
  lang: '',
  formats: [],
  search: 'usual',
  partial: false,
  channels: '',
  draft: null,
};

/** A file of the draft, as the browser gave it. */
export type KnownFile = readonly [name: string, bytes: number, modified: number];

const FILES_NAME = 'autophon-files';

/** The files of a draft: a server does not list files that have not arrived completely. */
export function recallFiles(draft: string): readonly KnownFile[] {
  try {
    const kept = JSON.parse(localStorage.getItem(FILES_NAME) ?? '{}');
    return kept.draft === draft && Array.isArray(kept.files) ? kept.files : [];
  } catch {
    return [];
  }
}

export function rememberFiles(draft: string, files: readonly KnownFile[]): void {
  try {
    localStorage.setItem(FILES_NAME, JSON.stringify({ draft, files }));
  } catch {
    // As above; or there are too many of them.
  }
}

export function recall(): Remembered {
  try {
    return { ...NOTHING, ...(JSON.parse(localStorage.getItem(NAME) ?? '{}') as Partial<Remembered>) };
  } catch {
    return NOTHING;
  }
}

export function remember(changes: Partial<Remembered>): void {
  try {
    localStorage.setItem(NAME, JSON.stringify({ ...recall(), ...changes }));
  } catch {
    // A browser may forbid it; then nothing is remembered.
  }
}
