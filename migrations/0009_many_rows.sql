-- A statement that changes many tasks is as fast as the queue itself: nothing is called for a row in which there is nothing
-- to do, and the history of all rows is written at once.

-- The same names as before. A repetition that counts to 99 took a sixth of the time of an INSERT: the length is compared apart.
ALTER TABLE tasks DROP CONSTRAINT task_id_is_a_plain_name, DROP CONSTRAINT user_uuid_is_a_plain_name;
ALTER TABLE tasks
  ADD CONSTRAINT task_id_is_a_plain_name CHECK (length(task_id) <= 100 AND task_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$'),
  ADD CONSTRAINT user_uuid_is_a_plain_name CHECK (length(user_uuid) <= 100 AND user_uuid ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$');

-- What a row leaves out has its default. So most new rows are as fill_new_task would make them.
CREATE OR REPLACE TRIGGER fill_new_task BEFORE INSERT ON tasks FOR EACH ROW
  WHEN (num_nulls(NEW.id, NEW.task_id, NEW.task_status, NEW.priority, NEW.speakers, NEW.created_at, NEW.cancel_requested,
                  NEW.updated_at, NEW.progress, NEW.fence, NEW.attempts, NEW.crashes, NEW.takeovers, NEW.warnings,
                  NEW.results_tidy) > 0
        OR num_nonnulls(NEW.claim, NEW.job_id, NEW.instance, NEW.stage, NEW.download_path, NEW.download_name, NEW.log_path,
                        NEW.error_code, NEW.error_message, NEW.no_of_tiers, NEW.words, NEW.missing_words,
                        NEW.audio_seconds, NEW.queued_at, NEW.started_at, NEW.finished_at, NEW.inputs_deleted_at,
                        NEW.removal_started_at, NEW.removal_xid) > 0
        OR NEW.cancel_requested OR NEW.results_tidy OR NEW.updated_at <> now() OR NEW.progress <> 0 OR NEW.fence <> 0
        OR NEW.attempts <> 0 OR NEW.crashes <> 0 OR NEW.takeovers <> 0 OR NEW.warnings <> '[]')
  EXECUTE FUNCTION fill_new_task();

CREATE OR REPLACE TRIGGER keep_new_faults BEFORE INSERT ON tasks FOR EACH ROW
  WHEN (NEW.faults IS DISTINCT FROM '[]') EXECUTE FUNCTION keep_task_faults();

-- As before, but a job is looked for only where there may be one: a task that has ended, or was never queued, has none.
CREATE OR REPLACE FUNCTION guard_task_update() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  NEW.updated_at := now();

  -- Asking to cancel is all that a psql user or a web application has to do.
  -- With an old status beside it, it is asked for all the same.
  IF NEW.cancel_requested AND NOT OLD.cancel_requested AND NEW.task_status IN (OLD.task_status, 'uploaded')
     AND OLD.task_status IN ('uploaded', 'processing') THEN
    NEW.task_status := 'cancelled';
  END IF;

  -- Fences: a claim takes the next number, nothing else touches it. With each fence comes a name that no other attempt has,
  -- also after a failover that repeats fences.
  IF NEW.fence <> OLD.fence THEN
    IF NEW.fence <> OLD.fence + 1 OR NEW.task_status <> 'processing' THEN
      RAISE EXCEPTION 'task %: the fence goes from % to % by a claim only, found %',
        OLD.task_id, OLD.fence, OLD.fence + 1, NEW.fence
        USING ERRCODE = 'check_violation', CONSTRAINT = 'fence_grows_by_claim', TABLE = 'tasks';
    END IF;
    NEW.claim := NEW.fence || '-' || left(gen_random_uuid()::text, 8);
    IF OLD.task_status = 'processing' THEN
      INSERT INTO task_takeovers (task, fence, claim, instance) VALUES (OLD.id, OLD.fence, OLD.claim, OLD.instance);
      NEW.takeovers := OLD.takeovers + 1;
    END IF;
    NEW.crashes := count_crashes(OLD.id);
  ELSE
    NEW.claim := OLD.claim;
    IF NEW.task_status = 'processing' THEN
      IF OLD.task_status = 'uploaded' THEN
        RAISE EXCEPTION 'task %: a claim must take the next fence %', OLD.task_id, OLD.fence + 1
          USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_takes_next_fence', TABLE = 'tasks';
      END IF;
      IF NEW.instance IS DISTINCT FROM OLD.instance THEN
        RAISE EXCEPTION 'task %: another instance must take the next fence %', OLD.task_id, OLD.fence + 1
          USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_takes_next_fence', TABLE = 'tasks';
      END IF;
      IF OLD.task_status = 'processing' AND NEW.progress < OLD.progress THEN
        NEW.progress := OLD.progress;
      END IF;
    END IF;
  END IF;

  IF NEW.task_status = OLD.task_status THEN
    RETURN NEW;
  END IF;

  IF NOT EXISTS (SELECT FROM task_status_edges
                 WHERE from_status = OLD.task_status AND to_status = NEW.task_status) THEN
    RAISE EXCEPTION 'task % cannot go from % to %', OLD.task_id, OLD.task_status, NEW.task_status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'status_edge_allowed', TABLE = 'tasks',
            HINT = coalesce((SELECT 'From ' || OLD.task_status || ' it can go to: '
                             || string_agg(to_status, ', ' ORDER BY to_status)
                             FROM task_status_edges WHERE from_status = OLD.task_status), 'That status is final.');
  END IF;

  IF NEW.status_note IS NOT DISTINCT FROM OLD.status_note THEN
    NEW.status_note := NULL;
  END IF;
  IF NEW.task_status IN ('completed', 'failed', 'cancelled', 'expired') THEN
    NEW.finished_at := coalesce(NEW.finished_at, now());
    -- Also after the first fence: a failover may have forgotten an attempt that had it before.
    NEW.results_tidy := false;
  ELSE
    NEW.finished_at := NULL;
  END IF;
  IF NEW.task_status = 'uploaded' THEN
    NEW.queued_at := now();
    NEW.engine := coalesce(NEW.engine, nullif(upper(split_part(NEW.lang, '_', 2)), ''));
    NEW.instance := NULL;
    NEW.started_at := NULL;
    NEW.stage := NULL;
    NEW.progress := 0;
    NEW.cancel_requested := false;
    NEW.removal_started_at := NULL;
    NEW.removal_xid := NULL;
    -- A task that ended and is tried again starts with a clean slate; one handed back keeps its counts.
    IF OLD.task_status IN ('failed', 'cancelled') THEN
      NEW.attempts := 0;
      NEW.crashes := 0;
      NEW.takeovers := 0;
      NEW.error_code := NULL;
      NEW.error_message := NULL;
      NEW.warnings := '[]'::jsonb;
    END IF;
    -- The job that is still waiting for its next attempt is kept; anything else is replaced by a new one.
    IF OLD.task_status <> 'processing' OR NOT is_job_waiting(OLD.job_id) THEN
      NEW.job_id := gen_random_uuid();
    END IF;
  END IF;
  RETURN NEW;
END $$;

-- The history of all rows of a statement, and the notification of those that have ended. Nearly all updates are signs of
-- progress: for them it is one look at the rows that changed.
CREATE FUNCTION record_updated_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT
  -- Old and new rows are joined by a hash: with a nested loop many rows would take the square. All else is found by an index.
  SET enable_nestloop = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
  SET enable_sort = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  has_stages boolean;
  tried_again bigint[];
  ended text[];
  its record;
BEGIN
  WITH changed AS MATERIALIZED (
    SELECT updated.id, updated.task_id, former.task_status AS from_status, updated.task_status AS to_status,
           coalesce(updated.stage, former.stage) AS stage, updated.fence,
           coalesce(updated.instance, former.instance) AS instance,
           former.finished_at IS NULL AND updated.finished_at IS NOT NULL AS has_ended,
           CASE
             WHEN updated.task_status <> former.task_status AND updated.task_status = 'failed'
               THEN updated.error_code || ': ' || left(updated.error_message, 1000)
             WHEN updated.task_status = 'processing' AND former.task_status = 'processing' AND updated.fence > former.fence
               THEN format('taken over: instance %s went silent in %s%s', left(former.instance, 8),
                           coalesce(former.stage, 'prepare'),
                           CASE WHEN updated.crashes > former.crashes THEN format(', crash %s', updated.crashes)
                                ELSE '; not known to have died' END)
             WHEN updated.task_status = 'processing' AND updated.crashes > former.crashes
               THEN format('crash %s: an instance that ran it has died', updated.crashes)
             WHEN updated.status_note IS DISTINCT FROM former.status_note AND updated.status_note IS NOT NULL
               THEN updated.status_note
             WHEN updated.task_status <> former.task_status AND updated.task_status = 'cancelled'
               THEN 'cancelled by request'
           END AS note
    FROM former JOIN updated USING (id)
    WHERE former.task_status <> updated.task_status OR former.stage IS DISTINCT FROM updated.stage
      OR former.fence <> updated.fence OR former.crashes < updated.crashes
  ), recorded AS (
    INSERT INTO task_events (task, from_status, to_status, stage, fence, instance, note)
    SELECT id, from_status, to_status, stage, fence, instance, note FROM changed
  )
  SELECT bool_or(stage IS NOT NULL),
         -- No worker ever had those without a fence.
         array_agg(id) FILTER (WHERE from_status IN ('failed', 'cancelled') AND to_status = 'uploaded' AND fence > 0),
         array_agg(json_build_object('id', id, 'task_id', task_id, 'status', to_status)::text) FILTER (WHERE has_ended)
  INTO has_stages, tried_again, ended
  FROM changed;

  IF has_stages THEN
    FOR its IN
      SELECT id, former.fence AS former_fence, former.stage AS former_stage, updated.fence, updated.stage,
             former.stage IS NOT NULL AS has_left,
             updated.stage IS NOT NULL AND updated.task_status IN ('processing', 'completed')
               AND (updated.stage IS DISTINCT FROM former.stage OR updated.fence <> former.fence) AS has_begun,
             CASE
               WHEN updated.fence <> former.fence THEN 'lost'
               WHEN updated.task_status = 'uploaded' AND updated.attempts < former.attempts THEN 'handed back'
               WHEN updated.task_status = 'uploaded' AND updated.error_code IS NULL THEN 'lost'
               WHEN updated.task_status = 'uploaded' THEN 'failed'
               WHEN updated.task_status IN ('failed', 'cancelled') THEN updated.task_status
               ELSE 'done' END AS outcome
      FROM former JOIN updated USING (id)
      WHERE former.stage IS DISTINCT FROM updated.stage OR former.fence <> updated.fence
        OR former.stage IS NOT NULL AND former.task_status <> updated.task_status
    LOOP
      IF its.has_left THEN
        UPDATE task_stages SET finished_at = clock_timestamp(), outcome = its.outcome
        WHERE task = its.id AND fence = its.former_fence AND stage = its.former_stage AND finished_at IS NULL;
      END IF;
      IF its.has_begun THEN
        INSERT INTO task_stages (task, fence, stage) VALUES (its.id, its.fence, its.stage) ON CONFLICT DO NOTHING;
      END IF;
    END LOOP;
  END IF;
  -- A person who tries a task again gives it a clean slate.
  IF tried_again IS NOT NULL THEN
    DELETE FROM task_takeovers WHERE task = ANY (tried_again);
    DELETE FROM attempt_deaths WHERE task = ANY (tried_again);
  END IF;
  -- It is a hint to read the row, as all notifications are. Every login of the database may listen, so there is nothing in
  -- it that says whose the task is.
  PERFORM pg_notify('autophon_task_ended', payload) FROM unnest(ended) AS payload;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION record_updated_tasks() FROM PUBLIC;

CREATE TRIGGER record_updated_tasks AFTER UPDATE ON tasks REFERENCING OLD TABLE AS former NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION record_updated_tasks();

DROP TRIGGER record_updated_task ON tasks;
DROP FUNCTION record_task_history();
DROP TRIGGER notify_task_ended ON tasks;
DROP FUNCTION notify_task_ended();

-- The jobs that ran when the front of the queue was noted. Null until the function that notes it knows of them.
ALTER TABLE queue_front ADD COLUMN running uuid[];
COMMENT ON COLUMN queue_front.running IS 'Jobs before first_rank, or after it, that ran when the rank was found. Null: not known.';
