import path from 'node:path';
import { inTemporaryDir } from '../../base/make-folder.ts';
import type { EngineHealth } from '../engine.ts';
import { type Probe, probe } from '../process/probe.ts';
import { type MfaSettings, mfaEnvironment } from './settings.ts';

/** Versions of MFA 1. 1.0.0 asks about unknown words; 1.0.1 does not with `-q`; the beta of 1.1 never asks. */
export type Mfa1Version = '1.0.0' | '1.0.1' | '1.1';

/** @typeParam Version - the version, as the driver needs it */
export interface MfaHealth<Version> {
  readonly health: EngineHealth;
  /** Null unless the engine is ready. */
  readonly version: Version | null;
}

/** Runs a program in the environment of the engine, with a private home folder. */
type Run = (...argv: string[]) => Promise<Probe>;

/**
 * Finds the version of MFA 1 by its `--help`, since it has no `--version`.
 * @throws the reason of `signal` when aborted
 */
export function checkMfa1(settings: MfaSettings, signal: AbortSignal): Promise<MfaHealth<Mfa1Version>> {
  return examine(settings, signal, async (command, run) => {
    const help = await run(command, '--help');
    const text = help.lines.join('\n');
    if (!help.isFound) return missing('MFA1', 'mfa_align', text);
    if (help.exitCode !== 0) {
      return sick(
        null,
        `MFA1: "${command} --help" failed: ${lastOf(help)}; set MFA1 to the path of mfa_align`,
      );
    }
    if (!text.includes('dictionary_path')) {
      return sick(null, `MFA1: ${command} is not mfa_align 1.x; set MFA1 to the path of mfa_align`);
    }
    const version = mfa1VersionIn(text);
    return ready(version, `MFA ${version}${version === '1.1' ? ' beta' : ''}`);
  });
}

/**
 * Finds the version of MFA 2, 3 or 4, and checks the programs that it needs.
 * @throws the reason of `signal` when aborted
 */
export function checkMfa2(settings: MfaSettings, signal: AbortSignal): Promise<MfaHealth<string>> {
  return examine(settings, signal, async (command, run) => {
    const answer = await run(command, 'version');
    const text = answer.lines.join('\n');
    if (!answer.isFound) return missing('MFA2', 'mfa', text);
    const version = answer.exitCode === 0 ? (/\b\d+\.\d+\.\d+\w*/.exec(text)?.[0] ?? null) : null;
    if (version === null) {
      const found = answer.exitCode === 0 ? 'told no version' : 'failed';
      return sick(
        null,
        `MFA2: "${command} version" ${found}: ${lastOf(answer)}; set MFA2 to the path of mfa`,
      );
    }
    if (!/^[234]\./.test(version)) {
      return sick(version, `MFA2: expected version 2, 3 or 4, found ${version}; set MFA2 to the path of one`);
    }
    const verb = alignCommand(version);
    if (verb !== 'align' && (await run(command, verb, '--help')).exitCode !== 0) {
      return sick(version, `MFA2: ${version} has no command ${verb}; set MFA2 to the path of version 2 or 3`);
    }
    const tools = version.startsWith('2.') ? ['initdb', 'sox'] : ['initdb'];
    const probes = await Promise.all(tools.map((tool) => run(tool, '--version')));
    const lost = tools.filter((_, i) => probes[i]?.isFound !== true);
    if (lost.length > 0) {
      const fix = 'install them, or set CONDA_ENV or MFA2_LAUNCHER to the environment that has them';
      return sick(version, `MFA ${version} needs ${lost.join(' and ')} on PATH, not found; ${fix}`);
    }
    return ready(version, `MFA ${version}`);
  });
}

/** The command of the aligner. In 4, the aligner of 2 and 3 is `align_legacy`; its `align` is another one, with other models. */
export function alignCommand(version: string): 'align' | 'align_legacy' {
  return version.startsWith('4.') ? 'align_legacy' : 'align';
}

async function examine<Version>(
  settings: MfaSettings,
  signal: AbortSignal,
  look: (command: string, run: Run) => Promise<MfaHealth<Version>>,
): Promise<MfaHealth<Version>> {
  return await inTemporaryDir('mfa-check-', (home) => {
    const env = mfaEnvironment(settings, { HOME: home, TMPDIR: home, MFA_ROOT_DIR: path.join(home, 'root') });
    return look(settings.command, (...argv) => probe([...settings.launcher, ...argv], env, signal));
  });
}

function mfa1VersionIn(help: string): Mfa1Version {
  if (help.includes('--config_path')) return '1.1';
  return help.includes('--quiet') ? '1.0.1' : '1.0.0';
}

function ready<Version extends string>(version: Version, note: string): MfaHealth<Version> {
  return { health: { state: 'ready', version, note }, version };
}

function sick(version: string | null, note: string): MfaHealth<never> {
  return { health: { state: 'sick', version, note }, version: null };
}

function missing(engine: string, program: string, found: string): MfaHealth<never> {
  const fix = `set ${engine} to the path of ${program}, and CONDA_ENV or ${engine}_LAUNCHER to the environment it runs in`;
  return { health: { state: 'missing', version: null, note: `${engine}: ${found}; ${fix}` }, version: null };
}

function lastOf({ exitCode, lines }: Probe): string {
  return `exit status ${exitCode}, "${lines.at(-1) ?? 'it wrote nothing'}"`;
}
