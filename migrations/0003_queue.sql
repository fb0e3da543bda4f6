-- The row is the interface. When a task becomes `uploaded`, a trigger makes its job and wakes a worker, in the same
-- transaction: both are rolled back, or both are seen. Triggers work on all rows of a statement at once.
--
-- The functions run with the rights of their owner, so that a role which may write tasks only can queue them.

-- A task that is to wait. Where it had a job before and keeps its priority, it keeps its place.
CREATE TYPE task_to_queue AS (
  id bigint, job_id uuid, former_job_id uuid, user_uuid text, priority integer, engine text);

-- A task that a worker hands back was let in before: only users with tasks that are new to the queue are looked at.
-- Called before the new tasks have jobs.
CREATE FUNCTION limit_open_tasks(queued task_to_queue[]) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  allowed integer := (SELECT user_open_tasks FROM limits WHERE only_row);
  its record;
BEGIN
  FOR its IN SELECT user_uuid, count(*)::integer AS more FROM unnest(queued) GROUP BY user_uuid LOOP
    CONTINUE WHEN has_room(its.user_uuid, allowed - its.more);
    RAISE EXCEPTION 'user % has % tasks that wait or run: no more are allowed at the same time', its.user_uuid, allowed
      USING ERRCODE = 'check_violation', CONSTRAINT = 'user_open_tasks_limited', TABLE = 'tasks',
            HINT = 'Wait until some have ended, or raise limits.user_open_tasks.';
  END LOOP;
END $$;

CREATE FUNCTION queue_inserted_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  queued task_to_queue[] := ARRAY(
    SELECT ROW(id, job_id, NULL, user_uuid, priority, engine)::task_to_queue FROM inserted WHERE task_status = 'uploaded');
BEGIN
  IF cardinality(queued) > 0 THEN
    PERFORM limit_open_tasks(queued);
    PERFORM queue_tasks(queued);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER queue_inserted_tasks AFTER INSERT ON tasks REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION queue_inserted_tasks();

CREATE FUNCTION follow_updated_tasks() RETURNS trigger LANGUAGE plpgsql
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
         array_agg(task) FILTER (WHERE task_status = 'uploaded' AND NOT has_new_job AND has_new_priority)
  INTO withdrawn, running, let_in, queued, moved
  FROM (
    SELECT former.id, former.job_id, former.task_status AS former_status, updated.task_status,
           former.job_id IS DISTINCT FROM updated.job_id AS has_new_job,
           former.priority <> updated.priority AS has_new_priority,
           former.task_status IN ('uploaded', 'processing')
             AND (updated.task_status IN ('cancelled', 'failed', 'expired') OR former.job_id IS DISTINCT FROM updated.job_id)
             AS is_withdrawn,
           ROW(updated.id, updated.job_id,
               CASE WHEN former.task_status IN ('uploaded', 'processing') THEN former.job_id END,
               updated.user_uuid, updated.priority, updated.engine)::task_to_queue AS task
    FROM former JOIN updated USING (id)
    WHERE former.task_status <> updated.task_status OR former.job_id IS DISTINCT FROM updated.job_id
      OR former.priority <> updated.priority
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

CREATE TRIGGER follow_updated_tasks AFTER UPDATE ON tasks REFERENCING OLD TABLE AS former NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION follow_updated_tasks();

CREATE FUNCTION follow_deleted_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM withdraw_jobs(
    ARRAY(SELECT job_id FROM deleted WHERE task_status IN ('uploaded', 'processing')),
    ARRAY(SELECT id FROM deleted WHERE task_status = 'processing'));
  RETURN NULL;
END $$;

CREATE TRIGGER follow_deleted_tasks AFTER DELETE ON tasks REFERENCING OLD TABLE AS deleted
  FOR EACH STATEMENT EXECUTE FUNCTION follow_deleted_tasks();

CREATE FUNCTION requeue_tasks_without_job() RETURNS integer LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  at_once CONSTANT integer := 5000;
  place jobs_checked := (SELECT jobs_checked FROM jobs_checked WHERE only_row FOR UPDATE);
  task record;
  looked_at integer := 0;
  jobless bigint[] := '{}';
BEGIN
  FOR task IN
    SELECT coalesce(engine, '') AS engine, queued_at, id, job_id FROM tasks
    WHERE task_status = 'uploaded' AND (coalesce(engine, ''), queued_at, id) > (place.engine, place.queued_at, place.id)
    ORDER BY coalesce(engine, ''), queued_at, id LIMIT at_once
  LOOP
    looked_at := looked_at + 1;
    place := ROW(true, task.engine, task.queued_at, task.id);
    IF NOT has_job(task.job_id) THEN
      jobless := jobless || task.id;
    END IF;
  END LOOP;
  FOR task IN SELECT id, job_id FROM tasks WHERE task_status = 'processing' LOOP
    IF NOT has_job(task.job_id) THEN
      jobless := jobless || task.id;
    END IF;
  END LOOP;
  IF looked_at < at_once THEN
    place := ROW(true, '', '-infinity', 0);
  END IF;
  UPDATE jobs_checked SET engine = place.engine, queued_at = place.queued_at, id = place.id WHERE only_row;
  IF cardinality(jobless) = 0 THEN
    RETURN 0;
  END IF;
  -- Rows that somebody holds are left for the next time. What has been locked is looked at once more.
  UPDATE tasks SET task_status = 'uploaded', status_note = 'its job was gone: queued anew',
    job_id = CASE WHEN task_status = 'uploaded' THEN gen_random_uuid() ELSE job_id END
  WHERE id = ANY (ARRAY(SELECT id FROM tasks WHERE id = ANY (jobless) FOR UPDATE SKIP LOCKED))
    AND task_status || '' IN ('uploaded', 'processing') AND NOT has_job(job_id);
  GET DIAGNOSTICS looked_at = ROW_COUNT;
  RETURN looked_at;
END $$;

-- Fails tasks that have waited too long for an engine that no instance has, or has had in that time. Only tasks of such
-- engines are read, the oldest first.
CREATE FUNCTION fail_tasks_without_engine(wait_sec double precision, known_engines text[]) RETURNS SETOF text LANGUAGE plpgsql
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
        '("autophon doctor" says what is missing), then queue the task anew with "autophon retry %s"',
        missing, round(extract(epoch FROM now() - tasks.queued_at)), tasks.task_id)
    WHERE tasks.id = ANY (ARRAY(
        SELECT id FROM tasks
        WHERE task_status = 'uploaded' AND coalesce(engine, '') = missing AND queued_at < now() - waited
        ORDER BY coalesce(engine, ''), queued_at, id LIMIT at_once))
      AND tasks.task_status || '' = 'uploaded' AND tasks.queued_at < now() - waited
    RETURNING tasks.task_id;
  END LOOP;
END $$;
