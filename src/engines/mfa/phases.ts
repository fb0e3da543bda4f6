/**
 * MFA tells of progress by the names of its phases only, `Calculating CMVN...`; what a phase has done so far it
 * says nowhere in a form that holds for more than one version.
 *
 * @param phases - begins of lines, in order; a name may occur several times. Given to `report` as they are
 * @returns to be called with every line of MFA's output
 */
export function trackMfaPhases(
  phases: readonly string[],
  report: (progress: number, note: string) => void,
): (line: string) => void {
  let done = 0;
  return (line) => {
    const text = line.replace(LOG_LEVEL, '').trim();
    for (const [index, phase] of phases.entries()) {
      if (index < done || !text.startsWith(phase)) continue;
      done = index + 1;
      report(index / phases.length, phase);
      return;
    }
  };
}

/** What MFA 2 puts before each line. */
const LOG_LEVEL = /^\s*(INFO|WARNING|ERROR|DEBUG)\s/;
