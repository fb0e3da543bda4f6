import type pg from 'pg';

/**
 * Rows like those of a year of use, up to now: a few users, languages, codes and names are common and many are rare.
 * They are written without the triggers. Waiting rows have a job.
 */
export async function fillTasks(client: pg.Client, count: number): Promise<void> {
  await client.query('SET session_replication_role = replica');
  await client.query(FILL, [count]);
  await client.query(FILL_JOBS);
  await client.query('SET session_replication_role = origin');
  // As autovacuum leaves them.
  await client.query('VACUUM (ANALYZE) tasks');
  await client.query('VACUUM (ANALYZE) pgboss.job');
}

/** A number from 0 to 1 for row n, without a pattern and the same in all runs. */
const share = (kind: number) => `((hashint4extended(n, ${kind}) & 1048575) / 1048576.0::float8)`;

/**
 * Nothing is random, so that all runs measure the same rows. A power of the share makes some values common: with the
 * third power, the first of ten values is thirteen times as common as the last.
 */
const FILL = `
  INSERT INTO tasks (user_uuid, lang, engine, name, task_path, task_status, error_code, error_message, download_path,
                     instance, fence, job_id, created_at, queued_at, started_at, finished_at, audio_seconds, words,
                     results_tidy)
  SELECT 'user' || user_number, (languages)[language] || '_' || its_engine || '_v010', its_engine,
         (subjects)[1 + n % 7] || ' ' || (places)[1 + n * 13 % 11] || ' ' || lpad((n::bigint * 7919 % 100000)::text, 5, '0') || '.wav',
         'user' || user_number || '/upl/' || n, status,
         CASE WHEN status = 'failed' THEN (codes)[1 + floor(10 * power(${share(5)}, 3))::int] END,
         CASE WHEN status = 'failed' THEN 'the recording could not be aligned: see the log of the engine' END,
         CASE WHEN status = 'completed' THEN 'user' || user_number || '/res/' || n || '/result.zip' END,
         CASE WHEN status = 'processing' THEN 'bench' END, CASE WHEN status = 'uploaded' THEN 0 ELSE 1 END,
         CASE WHEN status IN ('uploaded', 'processing') THEN gen_random_uuid() END,
         made, made, CASE WHEN status NOT IN ('uploading', 'uploaded') THEN made + interval '1 minute' END,
         CASE WHEN status IN ('completed', 'failed', 'cancelled', 'expired') THEN made + interval '3 minutes' END,
         30 + n % 600, 100 + n % 900, true
  FROM (
    SELECT n, languages, subjects, places, codes,
           floor(500 * power(${share(1)}, 3))::int AS user_number,
           1 + floor(20 * power(${share(2)}, 2))::int AS language,
           (ARRAY['SPHINX', 'MFA2', 'MFA1', 'FAVE', 'FASE'])[1 + floor(5 * power(${share(3)}, 4))::int] AS its_engine,
           now() - ($1 - n) * (interval '365 days' / $1) AS made,
           CASE WHEN n > $1 - 2000 AND n % 500 = 7 THEN 'processing'
                WHEN n > $1 - 2000 AND n % 2 = 0 THEN 'uploaded'
                WHEN ${share(4)} < 0.0005 THEN 'uploading'
                WHEN ${share(4)} < 0.05 THEN 'failed'
                WHEN ${share(4)} < 0.08 THEN 'cancelled'
                WHEN n < $1 / 3 THEN 'expired'
                ELSE 'completed' END AS status
    FROM generate_series(1, $1::int) AS n, (SELECT
      ARRAY['engUS', 'engGB', 'sweSE', 'fraFR', 'deuDE', 'spaES', 'itaIT', 'danDK', 'norNO', 'finFI', 'nldNL', 'polPL',
            'porBR', 'rusRU', 'ukrUA', 'jpnJP', 'korKR', 'zhoCN', 'islIS', 'estEE'] AS languages,
      ARRAY['interview', 'Wortliste', 'map task', 'reading', 'Dialog', 'focus group', 'lecture'] AS subjects,
      ARRAY['Umeå', 'Glasgow', 'Bern', 'Lyon', 'Tartu', 'Oslo', 'Leeds', 'Kyoto', 'Porto', 'Lund', 'Graz'] AS places,
      ARRAY['E_ENGINE_FAILED', 'E_AUDIO_FORMAT', 'E_TRANSCRIPT_MISSING', 'E_ENGINE_TIMEOUT', 'E_TRANSCRIPT_MALFORMED', 'E_WORDS_UNKNOWN',
            'E_OUTPUT_INVALID', 'E_CRASHED', 'E_DISK_FULL', 'E_NOT_ALIGNED'] AS codes) AS words
  ) AS rows ORDER BY n`;

const FILL_JOBS = `
  INSERT INTO pgboss.job (name, id, state, priority, data, group_id, policy, started_on, heartbeat_on, heartbeat_seconds)
  SELECT 'align', job_id, CASE task_status WHEN 'processing' THEN 'active' ELSE 'created' END::pgboss.job_state, -id % 100000,
         jsonb_build_object('id', id, 'user', user_uuid), engine, 'standard',
         CASE task_status WHEN 'processing' THEN now() END, CASE task_status WHEN 'processing' THEN now() END, 86400
  FROM tasks WHERE job_id IS NOT NULL`;
