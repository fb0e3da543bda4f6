import { chmod, chown, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chooseServerUser } from '../../src/db/embedded/server-user.ts';
import { startEmbedded, stopEmbedded } from '../../src/db/embedded.ts';

/** A server with the certificate of tests/fixtures/tls, which is for `localhost`. */
export interface TlsServer extends AsyncDisposable {
  /** Without TLS, as the superuser. */
  readonly url: string;
  /** The same for a user, with another host name and with parameters such as `sslmode`. */
  address(user: string, password: string, host: string, parameters: Readonly<Record<string, string>>): string;
}

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/tls');
/** Certificates as `sslrootcert` takes them. */
export const CA_PATH = path.join(FIXTURES, 'ca.crt');
export const OTHER_CA_PATH = path.join(FIXTURES, 'other-ca.crt');

/** @param tlsOnly - a user, whom the test makes, who can log in with TLS only */
export async function startTlsServer(tlsOnly: string): Promise<TlsServer> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-tls-'));
  // As root the server runs as another user, who must be able to reach this folder.
  await chmod(dir, 0o755);
  const dataDir = path.join(dir, 'postgres');
  const certificate = path.join(dir, 'server.crt');
  const key = path.join(dir, 'server.key');
  await copyFile(path.join(FIXTURES, 'server.crt'), certificate);
  await copyFile(path.join(FIXTURES, 'server.key'), key);
  // Postgres refuses a key that others can read, and git does not keep such permissions.
  await chmod(key, 0o600);
  const user = await chooseServerUser(dataDir);
  if (user !== null) await chown(key, user.uid, user.gid);
  const hba = path.join(dir, 'pg_hba.conf');
  await writeFile(hba, `hostssl all ${tlsOnly} all scram-sha-256\nhost all autophon all scram-sha-256\n`);
  const { url } = await startEmbedded({
    dataDir,
    settings: { fsync: 'off', ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key, hba_file: hba },
  });
  return {
    url,
    address: (name, password, host, parameters) => {
      const address = new URL(url);
      address.username = name;
      address.password = password;
      address.hostname = host;
      address.search = new URLSearchParams(parameters).toString();
      return address.href;
    },
    [Symbol.asyncDispose]: async () => {
      await stopEmbedded(dataDir);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
