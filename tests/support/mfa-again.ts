import { cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { type ProcessResult, runProcess } from '../../src/engines/process/run-process.ts';
import { type MfaStandIn, type MfaStandInStart, makeDir } from '../../testing/mfa.ts';

/** The folders that a driver gave to MFA; `temp` of MFA 1 only. */
export function foldersOf({
  argv,
  cwd,
}: MfaStandInStart): Record<'workDir' | 'corpus' | 'temp' | 'out', string> {
  const [corpus = '', , , out = ''] = argv.slice(-4);
  return { workDir: cwd, corpus, temp: argv[argv.indexOf('-t') + 1] ?? '', out };
}

/** How the program is started; a test may change it. */
export interface StartPlan {
  corpus: string;
  temp: string;
  out: string;
  /** `MFA_ROOT_DIR`. */
  root: string;
  /** Without `-t`. */
  readonly options: string[];
}

/** Starts the program as a driver did, with a copy of the corpus and in new folders. */
export async function startAgain(
  { command }: Pick<MfaStandIn, 'command'>,
  { argv, env, cwd }: MfaStandInStart,
  change: (plan: StartPlan) => void = () => undefined,
): Promise<ProcessResult & StartPlan> {
  const dir = makeDir();
  const [corpus = '', dictionary = '', model = ''] = argv.slice(-4);
  const isMfa1 = argv[0] === '-t';
  const plan: StartPlan = {
    corpus: path.join(dir, path.basename(corpus)),
    temp: path.join(dir, 't'),
    out: path.join(dir, 'out'),
    root: path.join(dir, 'root'),
    options: argv.slice(isMfa1 ? 2 : 0, -4),
  };
  cpSync(corpus, plan.corpus, { recursive: true });
  mkdirSync(plan.out);
  change(plan);
  const options = [...plan.options, ...(isMfa1 ? ['-t', plan.temp] : [])];
  const result = await runProcess({
    argv: [command, ...options, plan.corpus, dictionary, model, plan.out],
    cwd,
    env: { ...env, MFA_ROOT_DIR: plan.root },
    logPath: path.join(dir, 'log'),
    timeoutSec: 600,
    silenceSec: 600,
    signal: new AbortController().signal,
  });
  return { ...result, ...plan };
}
