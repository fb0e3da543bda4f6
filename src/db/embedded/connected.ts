import { plural } from '../../base/count-text.ts';
import { singleConnection } from '../connect.ts';
import { endConnection } from '../connection-limits.ts';

/** Connections to a server under one name. */
export interface Connected {
  /** As a program calls itself, such as `autophon worker` or `psql`. */
  readonly application: string;
  readonly connections: number;
}

const NAME = 'autophon connections';
const ANSWER_LIMIT_MS = 2_000;

/** Programs that are connected to a server, other than this one. @throws errors of the connection */
export async function listConnected(url: string): Promise<Connected[]> {
  const client = singleConnection(url, NAME, ANSWER_LIMIT_MS);
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Connected>(
      `SELECT coalesce(nullif(application_name, ''), 'a program without a name') AS application, count(*)::integer AS connections
       FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> $1
       GROUP BY application ORDER BY application`,
      [NAME],
    );
    return rows;
  } finally {
    await endConnection(client);
  }
}

/** Such as `autophon worker (4 connections), psql (1 connection)`. */
export function describeConnected(connected: readonly Connected[]): string {
  return connected
    .map(({ application, connections }) => `${application} (${plural(connections, 'connection')})`)
    .join(', ');
}
