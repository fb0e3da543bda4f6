/** What the user chose last, for the next time, and the draft that this browser works on. Kept in the browser. */
export interface Remembered {
  readonly lang: string;
  /** None: those of the site. */
  readonly formats: readonly string[];
  readonly search: 'usual' | 'wide';
  readonly partial: boolean;
  readonly draft: string | null;
}

const NAME = 'autophon';
const NOTHING: Remembered = { lang: '', formats: [], search: 'usual', partial: false, draft: null };

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
