/**
 * What an engine may know of the worker's environment: where programs are, and how to reach a Conda environment, a
 * cluster or a container runtime that a launcher names. Everything else, such as DATABASE_URL, stays here.
 */
const INHERITED = [
  'PATH',
  'LD_LIBRARY_PATH',
  'TZ',
  'USER',
  'LOGNAME',
  'CONDA_EXE',
  'CONDA_PREFIX',
  'CONDA_ENVS_PATH',
  'MAMBA_EXE',
  'MAMBA_ROOT_PREFIX',
  'DOCKER_HOST',
  'XDG_RUNTIME_DIR',
  'SLURM_CONF',
] as const;

const FIXED = {
  // Engines read and write files in the locale's encoding; sorting and decimal points depend on it as well.
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  // The same input gives the same result. Python's order of sets follows a seed, which is random otherwise: MFA 2 takes
  // its files in that order, and moved words by up to 280 ms. Sox dithers with random numbers: FAVE, up to 90 ms.
  PYTHONHASHSEED: '0',
  SOX_OPTS: '-R',
};
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * The whole environment of an engine process.
 * @param extra - what the driver sets, such as a private HOME and TMPDIR; these win
 * @param source - the worker's environment; only a fixed list of names is taken from it, HOME not among them
 */
export function engineEnvironment(
  extra: Readonly<Record<string, string>> = {},
  source: NodeJS.ProcessEnv = {},
): Record<string, string> {
  const environment: Record<string, string> = { PATH: DEFAULT_PATH };
  for (const name of INHERITED) {
    const value = source[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...FIXED, ...extra };
}
