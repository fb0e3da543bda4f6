/** What the user chose last, for the next time, and the draft that this browser works on. Kept in the browser. */
export interface Remembered {
  readonly lang: string;
  /** None: those of the site. */
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

/** The files of a draft: a server does not name those that have not arrived as a whole. */
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
    // As above; or there are too many.
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
    // A browser may forbid it: then nothing is remembered.
  }
}
