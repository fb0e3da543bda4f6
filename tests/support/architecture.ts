import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What the files of each folder of src (or file at its top) may import: everything points down this list. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  formats: ['base'],
  lexicon: ['formats', 'base'],
  engines: ['lexicon', 'formats', 'base'],
  environment: [],
  settings: ['engines', 'base'],
  config: ['settings', 'engines', 'environment', 'base'],
  pictures: ['formats', 'base'],
  pipeline: ['engines', 'lexicon', 'pictures', 'formats', 'base'],
  db: ['base'],
  queue: ['db', 'base'],
  host: ['db', 'base'],
  deliveries: ['engines', 'db', 'base'],
  upkeep: ['deliveries', 'host', 'queue', 'db', 'base'],
  worker: [
    'deliveries',
    'upkeep',
    'pipeline',
    'engines',
    'lexicon',
    'formats',
    'host',
    'queue',
    'db',
    'config',
    'base',
  ],
  monitor: ['worker', 'db', 'base'],
  tasks: [
    'worker',
    'deliveries',
    'upkeep',
    'pictures',
    'pipeline',
    'engines',
    'lexicon',
    'formats',
    'host',
    'queue',
    'db',
    'config',
    'settings',
    'base',
  ],
  app: [
    'tasks',
    'monitor',
    'worker',
    'deliveries',
    'upkeep',
    'pipeline',
    'engines',
    'lexicon',
    'formats',
    'host',
    'queue',
    'db',
    'config',
    'base',
  ],
  http: ['app', 'tasks', 'monitor', 'db', 'config', 'base'],
  page: ['base'],
  cli: ['app', 'http', 'tasks', 'db', 'config', 'environment', 'base'],
};

/** Beside src: what each folder may import of the others. Tests may import everything. */
const MAY_IMPORT_BESIDE: Readonly<Record<string, readonly string[]>> = {
  testing: ['src'],
  scripts: ['testing', 'src'],
};

/** Who may import an outside library, or the part of Node that starts programs. One place each. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  '@opentelemetry/api': ['src/monitor/'],
  '@fastify/busboy': ['src/http/multipart.ts'],
  htm: ['src/page/'],
  kysely: ['src/db/', 'src/queue/'],
  pg: ['src/db/'],
  'pg-boss': ['src/queue/'],
  preact: ['src/page/'],
  'prom-client': ['src/monitor/'],
  saxes: ['src/formats/xml.ts'],
  soundswallower: ['src/engines/'],
  'tmp-promise': ['src/host/'],
  winston: ['src/base/create-log.ts'],
  yauzl: ['src/pipeline/package/'],
  yazl: ['src/pipeline/package/'],
  zod: ['src/settings.ts', 'src/http/'],
  'node:child_process': [
    'src/engines/process/run-process.ts',
    'src/engines/process/guard.ts',
    'src/host/service-manager.ts',
    'src/worker/solo-run.ts',
    'src/app/worker-process.ts',
    'src/db/embedded/',
  ],
};

/** Functions of node:child_process that take a program and its arguments. The others take a shell command. */
const SAFE_STARTS = ['spawn', 'spawnSync', 'execFile', 'execFileSync', 'fork'];
const PLAIN_IMPORT_OF_STARTS = /^import \{([^}]*)\} from 'node:child_process';/gm;
/** As a property, a shorthand, or set later; only `shell: false` passes. */
const SHELL_OPTION = /\bshell['"`]?\]?\s*(?::(?!\s*false\b)|=(?!=)|[,}])/;
const SHELL_BY_NAME = /['"`](?:\/(?:usr\/)?bin\/)?(?:ba|da|z|k|c)?sh['"`]|\b(?:ba|da|z)?sh\s+-c\b/;
const EVALUATION = /\beval\b|\bFunction\s*\(/;
const PLACES_DOOR = 'src/base/finding.ts';
/** Texts that contain a place: `interval ${n}`, `tier "${name}"`, `line ${n}`, and those that begin with a file. */
const HAND_MADE_PLACE = new RegExp(
  [
    String.raw`\b(?:interval|line|column|point) \$\{`,
    String.raw`\btier (?:\\?"\$\{|\$\{(?:JSON\.|shorten\(|\w*\.?name\b))`,
    String.raw`\x60\$\{(?:\w+\.)*#?(?:file|originalName|audioName|transcriptName|LANGS_FILE)\}(?:[:,]| (?:line|tier|interval)\b)`,
  ].join('|'),
);
const SPLIT_MESSAGE = /\bmessage\b[^;]*?\.split\(['"`]\\n/;
const EXPORTED_NAME =
  /^export (?:async )?(?:abstract )?(?:function\*?|const|let|class|interface|type) (\w+)/gm;
const ENVIRONMENT_DOOR = 'src/environment.ts';
const MAX_LINES = 300;

/** Source files by path from the root, such as `src/base/errors.ts`, without their comments. */
type Sources = ReadonlyMap<string, string>;

interface Import {
  readonly specifier: string;
  /** What stands between `import` and `from`. */
  readonly clause: string;
}

/**
 * Everything in a checkout that violates the order of its folders, one sentence each. Types count as imports: a file
 * that names a type of another folder depends on it.
 */
export function findViolations(rootDir: string): string[] {
  const sources = new Map(
    globSync(['{src,testing,scripts}/**/*.{ts,mts,cts,js,mjs,cjs}', 'bin/*'], { cwd: rootDir }).map(
      (file) => {
        const text = readFileSync(path.join(rootDir, file), 'utf8');
        return [file.split(path.sep).join('/'), file.startsWith('bin') ? text : withoutComments(text)];
      },
    ),
  );
  return [
    ...findWrongImports(sources),
    ...findCycles(sources),
    ...findShells(sources),
    ...findEnvironmentReaders(sources),
    ...findHandMadePlaces(sources),
    ...findQueueReaders(rootDir, sources),
    ...findSharedNames(sources),
    ...findLongFiles(rootDir, [...sources.keys()]),
  ].sort();
}

function findWrongImports(sources: Sources): string[] {
  const violations: string[] = [];
  for (const [file, text] of sources) {
    const beside = MAY_IMPORT_BESIDE[topOf(file)];
    for (const { specifier } of importsOf(text)) {
      if (beside !== undefined && specifier.startsWith('.')) {
        const target = resolve(file, specifier);
        if (![topOf(file), ...beside].includes(topOf(target)))
          violations.push(`${file}: ${topOf(file)} may not import ${topOf(target)} (${target})`);
      }
      if (!file.startsWith('src/')) continue;
      const violation = specifier.startsWith('.')
        ? checkInside(file, resolve(file, specifier), sources)
        : checkOutside(file, specifier);
      if (violation !== null) violations.push(violation);
    }
  }
  return violations;
}

function checkInside(file: string, target: string, sources: Sources): string | null {
  if (!target.startsWith('src/')) return `${file}: imports ${target}, which is not part of the program`;
  if (!sources.has(target)) return `${file}: imports ${target}, which does not exist`;
  const from = layerOf(file);
  const to = layerOf(target);
  if (MAY_IMPORT[from] === undefined) return `${file}: ${from} has no line in the table of layers`;
  return from === to || MAY_IMPORT[from].includes(to)
    ? null
    : `${file}: ${from} may not import ${to} (${target})`;
}

function checkOutside(file: string, specifier: string): string | null {
  const doors = DOORS[packageOf(specifier)];
  if (doors === undefined) {
    return specifier.startsWith('node:')
      ? null
      : `${file}: imports ${specifier}, which has no door in the table`;
  }
  return doors.some((door) => file.startsWith(door))
    ? null
    : `${file}: only ${doors.join(', ')} may import ${specifier}`;
}

function findCycles(sources: Sources): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      cycles.push(`a circle of imports: ${[...trail.slice(trail.indexOf(file)), file].join(' -> ')}`);
      return;
    }
    if (done.has(file)) return;
    for (const { specifier } of importsOf(sources.get(file) ?? '')) {
      if (specifier.startsWith('.')) visit(resolve(file, specifier), [...trail, file]);
    }
    done.add(file);
  };
  for (const file of sources.keys()) visit(file, []);
  return cycles;
}

/**
 * There are many ways to use a shell, and few without one. Everything that is not clearly one of these counts as use of
 * a shell.
 */
function findShells(sources: Sources): string[] {
  const violations: string[] = [];
  for (const [file, text] of sources) {
    // Stand-ins may be shell scripts, as in tests.
    if (file.startsWith('testing/')) continue;
    if (SHELL_OPTION.test(text)) violations.push(`${file}: gives a shell the arguments of a program`);
    if (SHELL_BY_NAME.test(text) || EVALUATION.test(text))
      violations.push(`${file}: makes a line for a shell, or a program of a text`);
    const starts = [...text.matchAll(PLAIN_IMPORT_OF_STARTS)].map(([, names = '']) => names);
    if (text.split('child_process').length - 1 > starts.length)
      violations.push(`${file}: reaches child_process by another way than import { ... }`);
    const unsafe = starts
      .flatMap((names) => names.split(',').map((name) => name.trim()))
      .filter((name) => name !== '' && !/^type \w+$/.test(name) && !SAFE_STARTS.includes(name));
    if (unsafe.length > 0) violations.push(`${file}: imports ${unsafe.join(', ')} from child_process`);
  }
  return violations;
}

/** Only `formatPlace` writes a place as text, and no code reads it back from a text. */
function findHandMadePlaces(sources: Sources): string[] {
  return [...sources].flatMap(([file, text]) => {
    if (!file.startsWith('src/') || file === PLACES_DOOR) return [];
    const place = HAND_MADE_PLACE.exec(text)?.[0];
    return [
      ...(place === undefined ? [] : [`${file}: writes a place by hand (${place.trim()})`]),
      ...(SPLIT_MESSAGE.test(text) ? [`${file}: splits a message into lines`] : []),
    ];
  });
}

function findEnvironmentReaders(sources: Sources): string[] {
  return [...sources]
    .filter(
      ([file, text]) =>
        file.startsWith('src/') && file !== ENVIRONMENT_DOOR && /\bprocess\s*(\.|\[['"])env\b/.test(text),
    )
    .map(([file]) => `${file}: reads process.env, which only ${ENVIRONMENT_DOOR} may`);
}

/** Tables of pg-boss change with its version: only the folder of the queue knows them. */
function findQueueReaders(rootDir: string, sources: Sources): string[] {
  const migrations = globSync('migrations/[0-9]*.sql', { cwd: rootDir }).map(
    (file) => [file, readFileSync(path.join(rootDir, file), 'utf8')] as const,
  );
  const others = [...sources].filter(([file]) => file.startsWith('src/') && !file.startsWith('src/queue/'));
  return [...others, ...migrations]
    .filter(([, text]) => /\bpgboss\b/.test(text))
    .map(([file]) => `${file}: names the tables of pg-boss, which only src/queue/ may`);
}

/**
 * Names that two files of the program export: one of them needs a better name. The page is a program of its own, which
 * names what the server sends as the server does.
 */
function findSharedNames(sources: Sources): string[] {
  const exported = [...sources]
    .filter(([file]) => file.startsWith('src/') && !file.startsWith('src/page/'))
    .flatMap(([file, text]) => [...text.matchAll(EXPORTED_NAME)].map(([, name = '']) => ({ name, file })));
  return [...Map.groupBy(exported, ({ name }) => name)]
    .filter(([, all]) => all.length > 1)
    .map(
      ([name, all]) =>
        `${name} is exported by ${all
          .map(({ file }) => file)
          .sort()
          .join(' and ')}`,
    );
}

function findLongFiles(rootDir: string, files: readonly string[]): string[] {
  return files
    .map((file) => ({ file, lines: readFileSync(path.join(rootDir, file), 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > MAX_LINES)
    .map(
      ({ file, lines }) => `${file}: has ${lines} lines, the end is ${MAX_LINES}: find its second subject`,
    );
}

function importsOf(text: string): Import[] {
  const statements = text.matchAll(/^\s*(?:import|export)\b([^;'"]*?)\bfrom\s*['"]([^'"]+)['"]/gm);
  const others = text.matchAll(/(?:^\s*import\s*|\b(?:import|require)\s*\(\s*)()['"`]([^'"`$]+)/gm);
  return [...statements, ...others].map(([, clause = '', specifier = '']) => ({
    clause: clause.trim(),
    specifier,
  }));
}

function resolve(file: string, specifier: string): string {
  return path.posix.join(path.posix.dirname(file), specifier);
}

function topOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function layerOf(file: string): string {
  return path.posix.basename(file.split('/')[1] ?? '', '.ts');
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
