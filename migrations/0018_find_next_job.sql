-- What a worker asks for the next job, and what the history of a task says of take-overs and crashes.

-- The task that a job is for; null for a job that somebody made by hand, and that names none.
CREATE FUNCTION task_of_job(data jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN data ->> 'id' ~ '^[0-9]{1,18}$' THEN (data ->> 'id')::bigint END
$$;

-- Engines for which something waits, that with the job which comes first at the beginning. Reads two entries of the index
-- for each engine.
CREATE FUNCTION find_waiting_engines(without_engines text[]) RETURNS SETOF text LANGUAGE sql STABLE
  SET search_path FROM CURRENT AS $$
  WITH RECURSIVE waiting (engine) AS (
    (SELECT coalesce(group_id, '') FROM pgboss.job
     WHERE name = 'align' AND state < 'active' AND NOT blocked ORDER BY coalesce(group_id, '') LIMIT 1)
    UNION ALL
    SELECT (SELECT coalesce(group_id, '') FROM pgboss.job
            WHERE name = 'align' AND state < 'active' AND NOT blocked AND coalesce(group_id, '') > waiting.engine
            ORDER BY coalesce(group_id, '') LIMIT 1)
    FROM waiting WHERE waiting.engine IS NOT NULL
  )
  SELECT engine
  FROM waiting CROSS JOIN LATERAL (
    SELECT priority, created_on FROM pgboss.job
    WHERE name = 'align' AND state < 'active' AND NOT blocked AND start_after <= now() AND coalesce(group_id, '') = engine
    ORDER BY -priority::bigint, created_on LIMIT 1) AS first
  WHERE engine IS NOT NULL AND engine <> ALL (without_engines)
  ORDER BY first.priority DESC, first.created_on
$$;

-- The claim. In pg-boss's order: priority, then age. Row and job are locked in one statement, and what somebody else has
-- locked is skipped in it: a row that a person holds in psql delays no other task. The row is locked first: nothing is
-- written for a job whose row is held. With engines left out, the others are looked through one by one, that with the
-- first job at the beginning.
CREATE FUNCTION find_next_job(without_engines text[]) RETURNS uuid LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  found uuid;
  one text;
  job_id uuid;
  job_data jsonb;
BEGIN
  IF without_engines = '{}' THEN
    SELECT job.id INTO found
    FROM tasks JOIN pgboss.job ON tasks.id = task_of_job(job.data)
    WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
    ORDER BY job.priority DESC, job.created_on
    LIMIT 1 FOR UPDATE SKIP LOCKED;
  ELSE
    FOR one IN SELECT * FROM find_waiting_engines(without_engines) LOOP
      SELECT job.id INTO found
      FROM tasks JOIN pgboss.job ON tasks.id = task_of_job(job.data)
      WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
        AND coalesce(job.group_id, '') = one
      ORDER BY -job.priority::bigint, job.created_on
      LIMIT 1 FOR UPDATE SKIP LOCKED;
      EXIT WHEN found IS NOT NULL;
    END LOOP;
  END IF;
  IF found IS NULL THEN
    -- A job whose row is gone: the claim ends it. Looked for among the first of those that wait, since all of them may
    -- be held by somebody. One by one: a join may be planned as a walk through the queue for each of them.
    FOR job_id, job_data IN
      SELECT first.id, first.data
      FROM find_waiting_engines(without_engines) AS engine CROSS JOIN LATERAL (
        SELECT id, data FROM pgboss.job
        WHERE name = 'align' AND state < 'active' AND NOT blocked AND start_after <= now() AND coalesce(group_id, '') = engine
        ORDER BY -priority::bigint, created_on LIMIT 100) AS first
    LOOP
      IF NOT EXISTS (SELECT FROM tasks WHERE id = task_of_job(job_data)) THEN
        SELECT id INTO found FROM pgboss.job
        WHERE id = job_id AND state::text IN ('created', 'retry') FOR UPDATE SKIP LOCKED;
        EXIT WHEN found IS NOT NULL;
      END IF;
    END LOOP;
  END IF;
  RETURN found;
END $$;

DROP TRIGGER record_inserted_task ON tasks;
CREATE FUNCTION record_inserted_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO task_events (task, from_status, to_status, fence)
  SELECT id, NULL, task_status, fence FROM inserted;
  RETURN NULL;
END $$;

CREATE TRIGGER record_inserted_tasks AFTER INSERT ON tasks REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION record_inserted_tasks();

DROP TRIGGER record_updated_task ON tasks;
CREATE TRIGGER record_updated_task AFTER UPDATE ON tasks FOR EACH ROW
  WHEN (OLD.task_status <> NEW.task_status OR OLD.stage IS DISTINCT FROM NEW.stage OR OLD.fence <> NEW.fence
        OR OLD.crashes < NEW.crashes)
  EXECUTE FUNCTION record_task_history();

CREATE OR REPLACE FUNCTION record_task_history() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  what_happened text;
BEGIN
  what_happened := CASE
    WHEN NEW.task_status <> OLD.task_status AND NEW.task_status = 'failed'
      THEN NEW.error_code || ': ' || left(NEW.error_message, 1000)
    WHEN NEW.task_status = 'processing' AND OLD.task_status = 'processing' AND NEW.fence > OLD.fence
      THEN format('taken over: instance %s went silent in %s%s', left(OLD.instance, 8), coalesce(OLD.stage, 'prepare'),
                  CASE WHEN NEW.crashes > OLD.crashes THEN format(', crash %s', NEW.crashes)
                       ELSE '; not known to have died' END)
    WHEN NEW.task_status = 'processing' AND NEW.crashes > OLD.crashes
      THEN format('crash %s: an instance that ran it has died', NEW.crashes)
    WHEN NEW.status_note IS DISTINCT FROM OLD.status_note AND NEW.status_note IS NOT NULL THEN NEW.status_note
    WHEN NEW.task_status <> OLD.task_status AND NEW.task_status = 'cancelled' THEN 'cancelled by request'
  END;
  INSERT INTO task_events (task, from_status, to_status, stage, fence, instance, note)
  VALUES (NEW.id, OLD.task_status, NEW.task_status, coalesce(NEW.stage, OLD.stage), NEW.fence,
          coalesce(NEW.instance, OLD.instance), what_happened);

  IF OLD.stage IS NOT NULL
     AND (NEW.stage IS DISTINCT FROM OLD.stage OR NEW.fence <> OLD.fence OR NEW.task_status <> OLD.task_status) THEN
    UPDATE task_stages SET finished_at = clock_timestamp(), outcome = CASE
        WHEN NEW.fence <> OLD.fence THEN 'lost'
        WHEN NEW.task_status = 'uploaded' AND NEW.attempts < OLD.attempts THEN 'handed back'
        WHEN NEW.task_status = 'uploaded' AND NEW.error_code IS NULL THEN 'lost'
        WHEN NEW.task_status = 'uploaded' THEN 'failed'
        WHEN NEW.task_status IN ('failed', 'cancelled') THEN NEW.task_status
        ELSE 'done' END
    WHERE task = OLD.id AND fence = OLD.fence AND stage = OLD.stage AND finished_at IS NULL;
  END IF;
  IF NEW.stage IS NOT NULL AND NEW.task_status IN ('processing', 'completed')
     AND (NEW.stage IS DISTINCT FROM OLD.stage OR NEW.fence <> OLD.fence) THEN
    INSERT INTO task_stages (task, fence, stage) VALUES (NEW.id, NEW.fence, NEW.stage) ON CONFLICT DO NOTHING;
  END IF;
  -- A person who tries a task again gives it a clean slate.
  IF OLD.task_status IN ('failed', 'cancelled') AND NEW.task_status = 'uploaded' THEN
    DELETE FROM task_takeovers WHERE task = NEW.id;
    DELETE FROM attempt_deaths WHERE task = NEW.id;
  END IF;
  RETURN NULL;
END $$;

-- As in 0016; a function that is replaced loses them.
DO $$
DECLARE
  routine regprocedure;
  method text;
BEGIN
  FOREACH routine IN ARRAY ARRAY[
    'record_task_history()', 'find_next_job(text[])', 'find_waiting_engines(text[])', 'count_crashes(bigint)']::regprocedure[]
  LOOP
    FOREACH method IN ARRAY ARRAY['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin', 'material', 'sort'] LOOP
      EXECUTE format('ALTER FUNCTION %s SET enable_%s = off', routine, method);
    END LOOP;
    EXECUTE format('ALTER FUNCTION %s SET jit = off', routine);
  END LOOP;
END $$;
