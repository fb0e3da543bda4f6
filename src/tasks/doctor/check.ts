/** `off`: not set up, and not missed by anything. */
export type CheckState = 'ok' | 'warn' | 'wrong' | 'off';

export type CheckArea = 'settings' | 'system' | 'folders' | 'database' | 'engines' | 'languages';

/** One thing that was looked at. */
export interface Check {
  readonly area: CheckArea;
  readonly state: CheckState;
  /** What was looked at, such as the name of a setting. */
  readonly subject: string;
  readonly found: string;
  /** What to do about it; null: nothing. */
  readonly fix: string | null;
}

/** Makes the checks of one area. */
export function checker(area: CheckArea) {
  return (state: CheckState, subject: string, found: string, fix: string | null = null): Check => ({
    area,
    state,
    subject,
    found,
    fix,
  });
}
