/**
 * The variables that an engine inherits from the worker: where programs are, and how a launcher reaches a Conda environment, a
 * cluster or a container runtime. It must not see others, such as DATABASE_URL.
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
  // The encoding of files, sorting and decimal points of engines depend on the locale.
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  // Without these, the same input may give another result. The order of Python's sets depends on a random seed: MFA 2 reads its
  // files in this order, and words moved by up to 280 ms. Sox dithers with random numbers: with FAVE, words moved by up to 90 ms.
  PYTHONHASHSEED: '0',
  SOX_OPTS: '-R',
};
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * The whole environment of an engine process.
 * @param extra - variables of the driver, such as a private HOME and TMPDIR; they replace all others
 * @param source - the environment of the worker. Only a fixed list of variables is taken from it, without HOME
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
