import { type Finding, formatFinding, type Place } from '../../src/base/finding.ts';

/** A finding as people read it; empty when there is none. */
export function shown(finding: Pick<Finding, 'place' | 'text'> | undefined): string {
  return finding === undefined ? '' : formatFinding(finding);
}

/** A finding with its place beside its code, and `message` as people read it: short to compare. */
export function flat<Code extends string>(finding: Finding<Code>): Place & { code: Code; message: string } {
  return { code: finding.code, message: formatFinding(finding), ...finding.place };
}
