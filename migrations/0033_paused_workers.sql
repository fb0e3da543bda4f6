-- A worker that an operator has paused takes no tasks, so it does not count as ready: the figure `workers` has a state of
-- its own for it. A pause of one engine does not count.
-- Works with programs that have 0024 or later.

CREATE OR REPLACE FUNCTION site_figures() RETURNS TABLE (figure text, label text, value double precision) LANGUAGE plpgsql STABLE
  SET search_path FROM CURRENT SET jit TO 'off' SET enable_seqscan TO 'off' SET enable_bitmapscan TO 'off' SET enable_sort TO 'off' AS $$
DECLARE
  most_counted CONSTANT integer := 50000;
  waiting bigint := (SELECT count(*) FROM (SELECT FROM tasks WHERE task_status = 'uploaded' LIMIT most_counted) AS first);
BEGIN
  IF waiting = most_counted THEN
    waiting := greatest(waiting, (SELECT reltuples FROM pg_class WHERE oid = to_regclass('tasks_waiting'))::bigint);
  END IF;
  RETURN QUERY VALUES
    ('tasks', 'uploaded', waiting::double precision),
    ('tasks', 'uploading', (SELECT count(*) FROM (
      SELECT FROM tasks WHERE task_status = 'uploading' LIMIT most_counted) AS first)::double precision),
    ('tasks', 'processing', (SELECT count(*) FROM tasks WHERE task_status = 'processing')::double precision),
    ('stuck', '', (SELECT count(*) FROM stuck_tasks)::double precision),
    ('chores_late', '', (SELECT count(*) FROM chore_health WHERE is_late)::double precision);

  -- From engine to engine; names of engines come from tasks, so there may be any number. Of each only the first that wait are
  -- looked at, and those whose time has not come (not_before) have not waited.
  RETURN QUERY
    WITH RECURSIVE waited (engine, n) AS (
      (SELECT coalesce(tasks.engine, ''), 1 FROM tasks WHERE task_status = 'uploaded'
       ORDER BY coalesce(tasks.engine, ''), queued_at, id LIMIT 1)
      UNION ALL
      SELECT next.engine, n + 1
      FROM waited CROSS JOIN LATERAL (
        SELECT coalesce(tasks.engine, '') AS engine FROM tasks
        WHERE task_status = 'uploaded' AND coalesce(tasks.engine, '') > waited.engine
        ORDER BY coalesce(tasks.engine, ''), queued_at, id LIMIT 1) AS next
      WHERE n < 50
    )
    SELECT 'oldest_queued_seconds', waited.engine, greatest(0, extract(epoch FROM now() - min(since)))::double precision
    FROM waited CROSS JOIN LATERAL (
      SELECT greatest(queued_at, not_before) AS since FROM tasks
      WHERE task_status = 'uploaded' AND coalesce(tasks.engine, '') = waited.engine
      ORDER BY coalesce(tasks.engine, ''), queued_at, id LIMIT 500) AS first
    WHERE since <= now() GROUP BY waited.engine;

  RETURN QUERY
    SELECT 'ended_last_hour', status, (
      SELECT count(*) FROM tasks WHERE task_status = status AND finished_at > now() - interval '1 hour')::double precision
    FROM unnest('{completed,failed,cancelled}'::text[]) AS status;

  RETURN QUERY
    SELECT 'workers', state, count(*)::double precision
    FROM (SELECT CASE WHEN EXISTS (SELECT FROM pauses WHERE pauses.engine IS NULL AND coalesce(instance, active.id) = active.id)
                      THEN 'paused_by_operator' WHEN paused IS NULL THEN 'ready' ELSE 'paused' END AS state
          FROM active_instances AS active) AS workers GROUP BY state
    UNION ALL
    SELECT 'engine_workers', engine.key, count(*)::double precision
    FROM active_instances CROSS JOIN LATERAL jsonb_each(engines) AS engine
    WHERE engine.value ->> 'state' = 'ready' GROUP BY engine.key;
END $$;
