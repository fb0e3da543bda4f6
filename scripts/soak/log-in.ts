import pg from 'pg';

/**
 * A connection that does nothing.
 * @returns null if the server has no place for it, or is unreachable
 */
export async function tryToLogIn(url: string): Promise<pg.Client | null> {
  const client = new pg.Client({ connectionString: url, application_name: 'idle login' });
  client.on('error', () => undefined);
  return await client.connect().then(
    () => client,
    () => null,
  );
}
