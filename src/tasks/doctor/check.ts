/** `off`: not set up, and nothing needs it. */
export type CheckState = 'ok' | 'warn' | 'wrong' | 'off';

export type CheckArea = 'settings' | 'system' | 'folders' | 'database' | 'engines' | 'languages';

/** One thing that was checked. */
export interface Check {
  readonly area: CheckArea;
  readonly state: CheckState;
  /** Its name, such as the name of a setting. */
  readonly subject: string;
  readonly found: string;
  /** The fix; null: nothing is wrong. */
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
