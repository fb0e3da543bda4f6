/**
 * Reports progress by the names of phases in MFA's output, such as `Calculating CMVN...`. The progress within a phase has another
 * form in each version, so it is not read.
 * @param phases - beginnings of lines, in order; one may occur several times. `report` gets them as notes
 * @returns a function that must get every line of MFA's output
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

/** MFA 2 begins each line with it. */
const LOG_LEVEL = /^\s*(INFO|WARNING|ERROR|DEBUG)\s/;
