-- A crash is an attempt in which a worker died. A task that is taken over shows only that its worker was not heard for
-- the length of a lease: it may be frozen, or cut off from the database, and live on. So a take-over is recorded, and it
-- counts as a crash when the worker is known to have died in that attempt.

ALTER TABLE instances ADD COLUMN IF NOT EXISTS died_at timestamptz;
COMMENT ON COLUMN instances.died_at IS 'When somebody on its machine has seen that its process is gone, although it had not signed off.';

ALTER TABLE tasks ADD COLUMN takeovers integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN tasks.takeovers IS 'Attempts that others took over, since the task was last queued by a person. They use up no try.';

CREATE TABLE task_takeovers (
  task     bigint NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  fence    integer NOT NULL,
  claim    text,
  instance text NOT NULL,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (task, fence)
);
COMMENT ON TABLE task_takeovers IS 'Attempts that others took over, since the task was last queued by a person.';

-- Attempts in which a worker died: its process was gone, and the temp folder of the attempt was still there. The proof may
-- come before the take-over, or after it.
CREATE TABLE attempt_deaths (
  task  bigint NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
  claim text NOT NULL,
  at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (task, claim)
);
COMMENT ON TABLE attempt_deaths IS 'Attempts that were running when their worker process died, as seen on its machine.';

-- A take-over is a crash when the death of the worker in that very attempt is proved. Without proof it is one when the
-- instance has not been heard of since, for ten minutes after it, and did not sign off. Those ten minutes begin with the
-- take-over: after an outage of the database nobody has been heard of for long.
CREATE FUNCTION count_crashes(task_id bigint) RETURNS integer LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT count(*)::integer
  FROM task_takeovers AS takeover LEFT JOIN instances ON instances.id = takeover.instance
  WHERE takeover.task = task_id
    AND (EXISTS (SELECT FROM attempt_deaths AS death WHERE death.task = task_id AND death.claim = takeover.claim)
         OR instances.stopped_at IS NULL AND instances.died_at IS NULL
            AND instances.seen_at <= takeover.at AND takeover.at < now() - interval '10 minutes')
$$;

-- The claim. In pg-boss's order: priority, then age. Job and row are locked in one statement, and what somebody else has
-- locked is skipped: a row that a person holds in psql delays no other task. Only the first job of each engine is read, so
-- that a long queue for an engine that the instance does not have costs nothing; where the first of them is held, the
-- first hundred of each, and so on.
CREATE FUNCTION find_next_job(without_engines text[]) RETURNS uuid LANGUAGE plpgsql
  SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  engines text[];
  depth integer;
  candidate record;
  longest bigint;
  found uuid;
BEGIN
  IF cardinality(without_engines) = 0 THEN
    -- As it is nearly always: the first job of all.
    SELECT job.id INTO found FROM pgboss.job AS job
    WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
    ORDER BY job.priority DESC, job.created_on LIMIT 1;
    IF found IS NULL THEN
      RETURN NULL;
    END IF;
    found := lock_job(found);
    IF found IS NOT NULL THEN
      RETURN found;
    END IF;
  END IF;
  FOR candidate IN
    WITH RECURSIVE heads AS (
      (SELECT group_id, id, priority, created_on FROM pgboss.job
       WHERE name = 'align' AND state < 'active' AND NOT blocked AND start_after <= now()
       ORDER BY group_id, - priority, created_on LIMIT 1)
      UNION ALL
      SELECT next.* FROM heads CROSS JOIN LATERAL (
        SELECT job.group_id, job.id, job.priority, job.created_on FROM pgboss.job AS job
        WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
          AND job.group_id > heads.group_id
        ORDER BY job.group_id, - job.priority, job.created_on LIMIT 1) AS next
    ), others AS (
      -- Jobs without an engine come last in the index, after all that the recursion finds.
      SELECT group_id, id, priority, created_on FROM pgboss.job
      WHERE name = 'align' AND state < 'active' AND NOT blocked AND start_after <= now() AND group_id IS NULL
      ORDER BY group_id, - priority, created_on LIMIT 1
    )
    SELECT * FROM heads WHERE group_id <> ALL (without_engines)
    UNION ALL
    SELECT * FROM others
    ORDER BY priority DESC, created_on
  LOOP
    IF engines IS NULL THEN
      found := lock_job(candidate.id);
      IF found IS NOT NULL THEN
        RETURN found;
      END IF;
    END IF;
    engines := engines || candidate.group_id;
  END LOOP;
  FOREACH depth IN ARRAY ARRAY[100, 10000] LOOP
    longest := 0;
    FOR candidate IN
      SELECT waiting.id, waiting.nth
      FROM unnest(engines) AS engine (name) CROSS JOIN LATERAL (
        (SELECT job.id, job.priority, job.created_on, row_number() OVER () AS nth FROM pgboss.job AS job
         WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
           AND job.group_id = engine.name
         ORDER BY job.group_id, - job.priority, job.created_on LIMIT depth)
        UNION ALL
        (SELECT job.id, job.priority, job.created_on, row_number() OVER () AS nth FROM pgboss.job AS job
         WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
           AND job.group_id IS NULL AND engine.name IS NULL
         ORDER BY job.group_id, - job.priority, job.created_on LIMIT depth)) AS waiting
      ORDER BY waiting.priority DESC, waiting.created_on
    LOOP
      found := lock_job(candidate.id);
      IF found IS NOT NULL THEN
        RETURN found;
      END IF;
      longest := greatest(longest, candidate.nth);
    END LOOP;
    EXIT WHEN longest < depth;
  END LOOP;
  RETURN NULL;
END $$;

-- Locks a job that waits and the row of its task. A job whose row is gone is given too: the claim ends it.
CREATE FUNCTION lock_job(job_id uuid) RETURNS uuid LANGUAGE plpgsql
  SET search_path FROM CURRENT SET enable_seqscan = off AS $$
DECLARE
  locked uuid;
  row_id bigint;
BEGIN
  -- One after the other, each by its id: no plan can do anything else.
  SELECT job.id, (job.data ->> 'id')::bigint INTO locked, row_id FROM pgboss.job AS job
  WHERE job.id = job_id AND job.state::text IN ('created', 'retry') AND job.start_after <= now()
  FOR UPDATE SKIP LOCKED;
  IF locked IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM FROM tasks WHERE tasks.id = row_id FOR UPDATE SKIP LOCKED;
  IF FOUND OR NOT EXISTS (SELECT FROM tasks WHERE tasks.id = row_id) THEN
    RETURN locked;
  END IF;
  RETURN NULL;
END $$;

DROP TRIGGER record_inserted_task ON tasks;
CREATE FUNCTION record_inserted_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
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
  SECURITY DEFINER SET search_path FROM CURRENT SET enable_seqscan = off AS $$
DECLARE
  what_happened text;
BEGIN
  what_happened := CASE
    WHEN NEW.task_status <> OLD.task_status AND NEW.task_status = 'failed'
      THEN NEW.error_code || ': ' || left(NEW.error_message, 1000)
    WHEN NEW.task_status = 'processing' AND OLD.task_status = 'processing' AND NEW.fence > OLD.fence
      THEN format('taken over: instance %s went silent in %s%s', left(OLD.instance, 8), coalesce(OLD.stage, 'prepare'),
                  CASE WHEN NEW.crashes > OLD.crashes THEN format(', crash %s', NEW.crashes) ELSE '' END)
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
