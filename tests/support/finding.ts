import { type Finding, formatFinding, type Place } from '../../src/base/finding.ts';

/** A finding as text for people; empty if there is none. */
export function shown(finding: Pick<Finding, 'place' | 'text'> | undefined): string {
  return finding === undefined ? '' : formatFinding(finding);
}

/** A finding with its code, its place and its text as `message`: short to compare. */
export function flat<Code extends string>(finding: Finding<Code>): Place & { code: Code; message: string } {
  return { code: finding.code, message: formatFinding(finding), ...finding.place };
}
