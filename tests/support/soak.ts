import path from 'node:path';
import { formatReport } from '../../scripts/soak/report.ts';
import { runSoak, type SoakOptions, type SoakReport } from '../../scripts/soak/run.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');

/** A short soak. Its output is shown only if it failed. */
export async function soak(
  options: Pick<SoakOptions, 'durationSec' | 'instanceCount' | 'seed' | 'faults' | 'pace'> &
    Partial<SoakOptions> & { readonly evidenceName?: string },
): Promise<SoakReport & { said: string }> {
  const said: string[] = [];
  const report = await runSoak({
    isDurable: false,
    isHurried: true,
    evidenceDir: path.join(ROOT_DIR, '.data/soak', options.evidenceName ?? 'test'),
    keepsEvidence: 'never',
    say: (line) => said.push(line),
    signal: new AbortController().signal,
    ...options,
  });
  return { ...report, said: [...said, ...formatReport(report)].join('\n') };
}
