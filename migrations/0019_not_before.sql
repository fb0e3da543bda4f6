-- A task may wait until a time. Until then its job is blocked: claims do not look at it, and it counts for no turn. The sweep
-- lets it in (release_due_jobs in src/queue/queue.sql).

ALTER TABLE tasks ADD COLUMN not_before timestamptz;
ALTER TABLE tasks ADD CONSTRAINT not_before_has_four_digit_year CHECK (
  not_before >= '0001-01-01Z' AND not_before < '10000-01-01Z');
COMMENT ON COLUMN tasks.not_before IS 'No worker takes the task before this time; empty: it may begin at once.';

ALTER TYPE task_to_queue ADD ATTRIBUTE not_before timestamptz;

CREATE OR REPLACE FUNCTION queue_inserted_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  queued task_to_queue[] := ARRAY(
    SELECT ROW(id, job_id, NULL, user_uuid, priority, engine, not_before)::task_to_queue
    FROM inserted WHERE task_status = 'uploaded');
BEGIN
  IF cardinality(queued) > 0 THEN
    PERFORM limit_open_tasks(queued);
    PERFORM queue_tasks(queued);
  END IF;
  RETURN NULL;
END $$;

-- As before, but a new time moves a waiting task as a new priority does.
CREATE OR REPLACE FUNCTION follow_updated_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT
  -- Old and new rows are joined by a hash: with a nested loop many rows would take the square.
  SET enable_nestloop = off SET enable_mergejoin = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  withdrawn uuid[];
  running bigint[];
  let_in task_to_queue[];
  queued task_to_queue[];
  moved task_to_queue[];
BEGIN
  SELECT array_agg(job_id) FILTER (WHERE is_withdrawn),
         coalesce(array_agg(id) FILTER (WHERE is_withdrawn AND former_status = 'processing'), '{}'),
         array_agg(task) FILTER (WHERE task_status = 'uploaded' AND former_status IN ('uploading', 'failed', 'cancelled')),
         array_agg(task) FILTER (WHERE task_status = 'uploaded' AND has_new_job),
         array_agg(task) FILTER (WHERE task_status = 'uploaded' AND NOT has_new_job AND has_new_place)
  INTO withdrawn, running, let_in, queued, moved
  FROM (
    SELECT former.id, former.job_id, former.task_status AS former_status, updated.task_status,
           former.job_id IS DISTINCT FROM updated.job_id AS has_new_job,
           former.priority <> updated.priority OR former.not_before IS DISTINCT FROM updated.not_before AS has_new_place,
           former.task_status IN ('uploaded', 'processing')
             AND (updated.task_status IN ('cancelled', 'failed', 'expired') OR former.job_id IS DISTINCT FROM updated.job_id)
             AS is_withdrawn,
           ROW(updated.id, updated.job_id,
               CASE WHEN former.task_status IN ('uploaded', 'processing') THEN former.job_id END,
               updated.user_uuid, updated.priority, updated.engine, updated.not_before)::task_to_queue AS task
    FROM former JOIN updated USING (id)
    WHERE former.task_status <> updated.task_status OR former.job_id IS DISTINCT FROM updated.job_id
      OR former.priority <> updated.priority OR former.not_before IS DISTINCT FROM updated.not_before
  ) AS changes;
  IF withdrawn IS NOT NULL THEN
    PERFORM withdraw_jobs(withdrawn, running);
  END IF;
  IF let_in IS NOT NULL THEN
    PERFORM limit_open_tasks(let_in);
  END IF;
  IF queued IS NOT NULL THEN
    PERFORM queue_tasks(queued);
  END IF;
  IF moved IS NOT NULL THEN
    PERFORM move_jobs(moved);
  END IF;
  RETURN NULL;
END $$;

-- As before, but a task that waits for its time has not waited for an engine.
CREATE OR REPLACE FUNCTION fail_tasks_without_engine(wait_sec double precision, known_engines text[]) RETURNS SETOF text LANGUAGE plpgsql
  SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  at_once CONSTANT integer := 1000;
  waited CONSTANT interval := wait_sec * interval '1 second';
  missing text;
BEGIN
  FOR missing IN
    SELECT engine FROM unnest(known_engines) AS engine
    WHERE NOT EXISTS (SELECT FROM active_instances WHERE engines -> engine ->> 'state' = 'ready')
      AND NOT EXISTS (
        SELECT FROM instances WHERE now() - waited < CASE engines -> engine ->> 'state' WHEN 'ready' THEN seen_at
          ELSE (engines -> engine ->> 'readyUntil')::timestamptz END)
  LOOP
    RETURN QUERY
    UPDATE tasks SET task_status = 'failed', error_code = 'E_ENGINE_MISSING',
      error_message = format('engine %s: no running instance has had it for %s s; install it on one '
        '("autophon doctor" says what is missing), then queue the task again with "autophon retry %s"',
        missing, round(extract(epoch FROM now() - greatest(tasks.queued_at, tasks.not_before))), tasks.task_id)
    WHERE tasks.id = ANY (ARRAY(
        SELECT id FROM tasks
        WHERE task_status = 'uploaded' AND coalesce(engine, '') = missing AND queued_at < now() - waited
          AND (not_before IS NULL OR not_before < now() - waited)
        ORDER BY coalesce(engine, ''), queued_at, id LIMIT at_once))
      AND tasks.task_status || '' = 'uploaded' AND tasks.queued_at < now() - waited
      AND (tasks.not_before IS NULL OR tasks.not_before < now() - waited)
    RETURNING tasks.task_id;
  END LOOP;
END $$;
