import assert from 'node:assert/strict';
import { test } from 'uvu';
import { TaskError } from '../src/base/errors.ts';
import { readConfig } from '../src/config.ts';

const HOME = '/srv/autophon';
const faultOf = (environment: Record<string, string>, dotEnv: Record<string, string> = {}): string => {
  try {
    readConfig(environment, dotEnv, HOME);
  } catch (error) {
    assert.ok(error instanceof TaskError && error.code === 'E_CONFIG', String(error));
    return error.message;
  }
  throw new Error('the settings were accepted');
};

test('an empty environment is a complete configuration', () => {
  const config = readConfig({}, {}, HOME);
  assert.equal(config.uploadsDir, '/srv/autophon/.data/uploads');
  assert.deepEqual([config.slotCount, config.logLevel, config.databaseUrl], [2, 'INFO', null]);
  assert.ok(Object.isFrozen(config));
});

test('the environment wins over .env, and an empty variable counts as unset', () => {
  const dotEnv = { ALIGNMENT_WORKERS: '4', MFA1: '/opt/mfa1' };
  const config = readConfig({ ALIGNMENT_WORKERS: '8', MFA1: '' }, dotEnv, HOME);
  assert.equal(config.slotCount, 8);
  assert.equal(config.engines.installations['MFA1'], '/opt/mfa1');
});

test('relative folders start from CURRENT_DIR where it is set', () => {
  const config = readConfig({ CURRENT_DIR: '/srv/app', UPLOADS: 'up' }, {}, HOME);
  assert.equal(config.uploadsDir, '/srv/app/up');
});

test('relative paths of programs start there too, since engines run in folders of their own', () => {
  const { engines } = readConfig(
    {
      CURRENT_DIR: '/srv/app',
      MFA1: 'mfa1/bin/mfa_align',
      MFA2: 'mfa',
      FAVE_DIR: 'fave',
      FFMPEG: './ffmpeg',
    },
    { MFA2_LAUNCHER: 'bin/in-container --quiet a/b' },
    HOME,
  );
  assert.deepEqual(engines.installations, {
    MFA1: '/srv/app/mfa1/bin/mfa_align',
    MFA2: 'mfa',
    FAVE: '/srv/app/fave',
  });
  assert.deepEqual(engines.launchers, { MFA2: ['/srv/app/bin/in-container', '--quiet', 'a/b'] });
  assert.equal(engines.ffmpeg, '/srv/app/ffmpeg');
});

test('CONDA_ENV holds for every engine but those with a launcher of their own', () => {
  const { launchers } = readConfig(
    { CONDA_ENV: 'conda activate x &&', FASE_LAUNCHER: 'nice' },
    {},
    HOME,
  ).engines;
  const conda = ['conda', 'run', '--no-capture-output', '-n', 'x'];
  assert.deepEqual(launchers, { MFA1: conda, MFA2: conda, FAVE: conda, FASE: ['nice'] });
});

test('a launcher that cannot be read is reported by its name, among all other problems', () => {
  const message = faultOf({
    CONDA_ENV: 'conda activate $X &&',
    MFA1_LAUNCHER: 'nice | x',
    FASE_LAUNCHER: 'nice "',
    LEASE: '1',
  });
  assert.match(message, /^CONDA_ENV: "conda activate \$X": "\$" needs a shell/m);
  assert.match(message, /^MFA1_LAUNCHER: "nice \| x": "\|" needs a shell/m);
  assert.match(message, /^FASE_LAUNCHER: .*quote " is not closed/m);
  assert.match(message, /^LEASE=1: expected 10 to 3600;/m);
});

test('all problems are reported at once, with the name and what was expected', () => {
  const message = faultOf({
    ALIGNMENT_WORKERS: 'two',
    WORKER_LOG_LEVEL: 'LOUD',
    DATABASE_URL: 'mysql://x',
  });
  assert.match(message, /ALIGNMENT_WORKERS=two: expected a whole number/);
  assert.match(message, /WORKER_LOG_LEVEL=LOUD: expected DEBUG, INFO, WARNING or ERROR/);
  assert.match(message, /DATABASE_URL=mysql:\/\/x: expected an address such as postgres:/);
});

test('settings that contradict each other are refused', () => {
  assert.match(faultOf({ HEARTBEAT: '30', LEASE: '40' }), /HEARTBEAT=30 must be at most half of LEASE=40/);
  assert.match(
    faultOf({ MIN_POLL_INTERVAL: '10', MAX_POLL_INTERVAL: '5' }),
    /MIN_POLL_INTERVAL=10 is above MAX_POLL_INTERVAL=5/,
  );
});

test('the page listens on this machine alone, unless it asks who a user is', () => {
  for (const [address, host, port] of [
    ['127.0.0.1:8017', '127.0.0.1', 8017],
    ['[::1]:0', '::1', 0],
    ['localhost:80', 'localhost', 80],
  ] as const) {
    const { web } = readConfig({ WEB: address, WEB_HOSTS: 'Lab, lab.example.org' }, {}, HOME);
    assert.deepEqual([web.host, web.port, web.hostNames], [host, port, ['lab', 'lab.example.org']]);
  }
  for (const address of [
    '0.0.0.0:8017',
    '192.168.1.2:8017',
    'lab.example.org:80',
    '[::]:80',
    '127.0.0.1.example.org:80',
  ])
    assert.match(
      faultOf({ WEB: address }),
      /WEB=.*expected this machine alone.*WEB_MODE=token.*autophon token add/,
    );
  assert.equal(readConfig({ WEB: '0.0.0.0:80', WEB_MODE: 'token' }, {}, HOME).web.host, '0.0.0.0');
  const proxied = { WEB: '0.0.0.0:80', WEB_MODE: 'proxy', WEB_PROXIES: '10.0.0.1, fd00::/8' };
  assert.deepEqual(readConfig(proxied, {}, HOME).web.proxies, ['10.0.0.1', 'fd00::/8']);
  assert.match(faultOf({ WEB_MODE: 'proxy' }), /WEB_MODE=proxy needs WEB_PROXIES/);
  for (const wrong of ['lab', '10.0.0.1/33', '10.0.0.256', '10.0.0.1 10.0.0.2'])
    assert.match(faultOf({ WEB_PROXIES: wrong }), /WEB_PROXIES=.*expected addresses or networks/, wrong);
  assert.match(faultOf({ WEB_OPERATORS: 'ann, b/c' }), /WEB_OPERATORS=.*found "b\/c"/);
  for (const address of ['8017', '127.0.0.1', 'localhost:99999', 'localhost:-1'])
    assert.match(faultOf({ WEB: address }), /expected a host and a port/);
  assert.match(faultOf({ WEB_USER: '../ann' }), /WEB_USER=.*expected up to 100 letters/);
  assert.match(faultOf({ WEB_HOSTS: 'lab:80' }), /WEB_HOSTS=lab:80: expected names of hosts/);
});

test('a misspelt setting is an error that names the right one', () => {
  assert.match(
    faultOf({}, { UPLAODS: '/x' }),
    /UPLAODS: no such setting; did you mean UPLOADS\? Fix it in the environment/,
  );
  assert.match(faultOf({ ALIGNMENT_WORKER: '2' }), /did you mean ALIGNMENT_WORKERS\?/);
});

test('variables of other programs are ignored', () => {
  readConfig({ PATH: '/bin', EDITOR: 'vi' }, { FLASK_SECRET_KEY: 'x', MAIL_SERVER: 'y' }, HOME);
});

test('a password in a rejected address is not repeated', () => {
  const rejected = [
    'mysql://ann:secret@host/x',
    'postgres://ann:sec#ret@host/x',
    'postgres://ann:p@secret@host/x?sslmode=none',
    'postgres://ann:/secret@host/x',
    'postgres://host/x?sslmode=none&password=secret',
  ];
  for (const url of rejected)
    assert.doesNotMatch(faultOf({ DATABASE_URL: url }), /DATABASE_URL=.*(secret|ret@)/, url);
});

test('TLS parameters that the driver would ignore are refused', () => {
  const address = 'postgres://ann@host/x?';
  assert.match(faultOf({ DATABASE_URL: 'postgres://a b@h/d%2F' }), /DATABASE_URL=.*: expected no blanks/);
  assert.match(faultOf({ DATABASE_URL: `${address}ssl_mode=verify-full` }), /did you mean sslmode\?/);
  assert.match(
    faultOf({ DATABASE_URL: `${address}sslmode=verify-fool` }),
    /sslmode=verify-fool: expected one of disable, .*; did you mean verify-full\?/,
  );
  for (const url of [
    `${address}sslmode=verify-full&sslrootcert=/etc/ca.crt&application_name=x`,
    'postgresql://ann@/x?host=/run/postgresql',
    'postgres:///x',
  ])
    assert.equal(readConfig({ DATABASE_URL: url }, {}, HOME).databaseUrl, url);
});

test.run();
