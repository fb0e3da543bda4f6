/** Runs the commands of docs/operations.md as printed, from top to bottom, on a machine without any preparation. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { codeBlocks, ROOT_DIR, readFile } from '../docs/markdown.ts';
import { canCopyRoot, runInRootCopy } from './root-copy.ts';

const ALL_BLOCKS = codeBlocks(readFile('docs/operations.md'), 'sh');
/** Commands that are not run here, by a part of their text. */
const NOT_RUN = [
  // There is no Docker engine. docker.test.ts tests the steps of the images.
  'docker run',
  'docker compose',
];
const BLOCKS = ALL_BLOCKS.filter((block) => !NOT_RUN.some((part) => block.includes(part)));
const CLUSTER = '/usr/bin/pg_createcluster';

/**
 * Debian's Postgres, and programs that a bare machine or a container lacks.
 * @param port - of Postgres; another server may run on this machine
 */
const prepare = (port: number): string[] => [
  `cat > /usr/local/bin/sudo <<'EOF'
#!/bin/sh
user=root
if [ "$1" = -u ]; then user=$2; shift 2; fi
exec runuser -u "$user" -- "$@"
EOF`,
  // A program that only notes its arguments, which are checked at the end.
  `cat > /usr/local/bin/systemctl <<'EOF'
#!/bin/sh
echo "systemctl $*" >> /asked
EOF`,
  'chmod 755 /usr/local/bin/sudo /usr/local/bin/systemctl',
  'git config --system --add safe.directory "*"',
  'version=$(ls /usr/lib/postgresql | tail -1)',
  'pg_dropcluster "$version" main 2>/dev/null || true',
  `pg_createcluster "$version" main --port ${port} >/dev/null`,
  `export PGPORT=${port}`,
  'pg_ctlcluster "$version" main start',
  `trap 'kill "$worker" 2>/dev/null || true; pg_ctlcluster "$version" main stop --mode immediate' EXIT`,
  'worker=',
];

const canRun = canCopyRoot && existsSync(CLUSTER) && existsSync(path.join(ROOT_DIR, '.git'));

(canRun ? test : test.skip)(
  'a site is installed, paused, updated and taken back as operations.md says',
  async () => {
    const port = await findFreePort();
    const dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-operations-'));
    chmodSync(dir, 0o755);
    try {
      const { status, stdout, stderr } = runInRootCopy(dir, [
        ...prepare(port),
        ...BLOCKS.flatMap((block) => toLines(block, port)),
        'readlink /opt/autophon',
        'sudo -u autophon /opt/autophon/bin/autophon status',
        'cat /asked',
      ]);
      assert.equal(status, 0, `${stdout.slice(-2000)}\n${stderr.slice(-3000)}`);
      const end = stdout.slice(stdout.lastIndexOf('\nautophon-0.1.0\n'));
      assert.match(end, /^\nautophon-0\.1\.0\n[\s\S]*\nsystemctl daemon-reload\n/);
      assert.equal([...end.matchAll(/^systemctl restart autophon-worker@1$/gm)].length, 2);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
);

test('each block of commands is run here, or a reason is given', () => {
  assert.ok(BLOCKS.length >= 5);
  assert.equal(ALL_BLOCKS.length - BLOCKS.length, NOT_RUN.length);
});

test.run();

/** The lines of a block, with the text that an operator would replace or type. */
function toLines(block: string, port: number): string[] {
  if (block.startsWith('DATABASE_URL=')) {
    return [
      `cat > /opt/autophon/.env <<'EOF'\n${block.trimEnd().replace(':5432/', `:${port}/`)}\nEOF`,
      'chown autophon /opt/autophon/.env',
      'chmod 600 /opt/autophon/.env',
    ];
  }
  const lines = block
    .trimEnd()
    .split('\n')
    .map((line) =>
      line
        .replace('<address of this repository>', `file://${ROOT_DIR}`)
        // Without a terminal the program reads the password from its input.
        .replace(
          /^(.* createuser --pwprompt .*)$/,
          String.raw`printf 'PASSWORD\nPASSWORD\n' | setsid --wait $1`,
        )
        .replace(/^bin\/autophon/, 'sudo -u autophon bin/autophon')
        .replace('0f91b185', '"$instance"'),
    );
  return lines.some((line) => line.includes('"$instance"'))
    ? [...START_WORKER, ...lines, ...WAIT_FOR_WORKER]
    : lines;
}

const START_WORKER = [
  'sudo -u autophon bin/autophon worker > /worker.log 2>&1 & worker=$!',
  'until grep -q "worker ready" /worker.log; do kill -0 "$worker"; sleep 0.2; done',
  `instance=$(sudo -u autophon bin/autophon status --json | sed -n 's/.*"id": "\\([0-9a-f]\\{8\\}\\).*/\\1/p' | head -1)`,
];
const WAIT_FOR_WORKER = ['wait "$worker"', 'worker='];

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
