-- Names that are never used again, and an identity for the site.
--
-- A fence counts the attempts of one row. It begins at 1 again when a row is deleted and one of the same task_id is
-- made, and it repeats after a failover to a standby that had not received the last commits. So it cannot name a file.
-- Each claim therefore gets a name with a random part. Results and logs carry it, together with the id of the row, and
-- every write of a running task compares it.

ALTER TABLE tasks
  ADD COLUMN IF NOT EXISTS claim text,
  ADD COLUMN results_tidy boolean NOT NULL DEFAULT false,
  ADD COLUMN removal_started_at timestamptz,
  ADD COLUMN removal_xid xid8;

COMMENT ON COLUMN tasks.claim IS 'Name of the attempt that may write: its fence and a random part. Given by a trigger with each fence.';
COMMENT ON COLUMN tasks.results_tidy IS 'Whether results of earlier attempts have been looked for since the task ended.';
COMMENT ON COLUMN tasks.removal_started_at IS 'When a worker began to remove the files of the task; they may be gone from then on.';
COMMENT ON COLUMN tasks.removal_xid IS 'The transaction that set removal_started_at. Sound goes when all older transactions have ended: one of them may add a task that needs it.';

-- Completed tasks whose earlier attempts may have left a result. Almost always nearly empty.
CREATE INDEX tasks_with_stale_results ON tasks (finished_at)
  WHERE NOT results_tidy AND task_status = 'completed';

-- The time of the record itself: a file that changed later is not one of the deleted task.
ALTER TABLE deleted_tasks
  ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD COLUMN tried_at timestamptz;
COMMENT ON COLUMN deleted_tasks.tried_at IS 'When its files could not be removed yet, because another task uses their folder.';

-- What a recording was when an attempt read it. A file that was uploaded later under the same name is not deleted for it.
ALTER TABLE task_files ADD COLUMN version text;
COMMENT ON COLUMN task_files.version IS 'Size in bytes and time of the last change in nanoseconds, when the task was aligned.';

-- Which UPLOADS belongs to this database. The folder holds a marker file with the same id. Without it a folder that is
-- not mounted, or is another site's, would look like one whose files have all been removed.
CREATE TABLE site (
  only_row boolean PRIMARY KEY DEFAULT true,
  id       uuid NOT NULL DEFAULT gen_random_uuid(),
  bound_at timestamptz,
  CONSTRAINT site_has_one_row CHECK (only_row)
);
COMMENT ON TABLE site IS 'The identity of this installation; UPLOADS/.autophon-site holds the same id.';
COMMENT ON COLUMN site.bound_at IS 'When the marker was written into UPLOADS; null: no worker has started yet.';
INSERT INTO site DEFAULT VALUES;

CREATE OR REPLACE FUNCTION guard_task_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.task_status NOT IN ('uploading', 'uploaded') THEN
    RAISE EXCEPTION 'a task starts as uploading or uploaded, not as %', NEW.task_status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'status_starts_at_upload', TABLE = 'tasks';
  END IF;
  NEW.claim := NULL;
  IF NEW.task_status = 'uploaded' THEN
    NEW.queued_at := now();
    NEW.engine := coalesce(NEW.engine, nullif(upper(split_part(NEW.lang, '_', 2)), ''));
    NEW.job_id := gen_random_uuid();
  END IF;
  RETURN NEW;
END $$;

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
    -- One that signed off and had to leave an attempt behind was told to stop: that is no crash.
    AND instances.stopped_at IS NULL
    AND (EXISTS (SELECT FROM attempt_deaths AS death WHERE death.task = task_id AND death.claim = takeover.claim)
         OR instances.died_at IS NULL AND instances.seen_at <= takeover.at AND takeover.at < now() - interval '10 minutes')
$$;

CREATE OR REPLACE FUNCTION guard_task_update() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  NEW.updated_at := now();

  -- Asking to cancel is all that a psql user or a web application has to do.
  IF NEW.cancel_requested AND NOT OLD.cancel_requested AND NEW.task_status = OLD.task_status
     AND OLD.task_status IN ('uploaded', 'processing') THEN
    NEW.task_status := 'cancelled';
  END IF;

  -- Fences: a claim takes the next number, nothing else touches it.
  IF NEW.fence <> OLD.fence AND (NEW.fence <> OLD.fence + 1 OR NEW.task_status <> 'processing') THEN
    RAISE EXCEPTION 'task %: the fence goes from % to % by a claim only, found %',
      OLD.task_id, OLD.fence, OLD.fence + 1, NEW.fence
      USING ERRCODE = 'check_violation', CONSTRAINT = 'fence_grows_by_claim', TABLE = 'tasks';
  END IF;
  -- With each fence comes a name that no other attempt has, also after a failover that repeats fences.
  NEW.claim := CASE WHEN NEW.fence = OLD.fence THEN OLD.claim
                    ELSE NEW.fence || '-' || left(gen_random_uuid()::text, 8) END;
  IF NEW.fence <> OLD.fence THEN
    IF OLD.task_status = 'processing' THEN
      INSERT INTO task_takeovers (task, fence, claim, instance) VALUES (OLD.id, OLD.fence, OLD.claim, OLD.instance);
      NEW.takeovers := OLD.takeovers + 1;
    END IF;
    NEW.crashes := count_crashes(OLD.id);
  END IF;
  IF OLD.task_status = 'uploaded' AND NEW.task_status = 'processing' AND NEW.fence = OLD.fence THEN
    RAISE EXCEPTION 'task %: a claim must take the next fence %', OLD.task_id, OLD.fence + 1
      USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_takes_next_fence', TABLE = 'tasks';
  END IF;
  IF NEW.task_status = 'processing' AND NEW.instance IS DISTINCT FROM OLD.instance AND NEW.fence = OLD.fence THEN
    RAISE EXCEPTION 'task %: another instance must take the next fence %', OLD.task_id, OLD.fence + 1
      USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_takes_next_fence', TABLE = 'tasks';
  END IF;
  IF NEW.fence = OLD.fence AND OLD.task_status = 'processing' AND NEW.task_status = 'processing'
     AND NEW.progress < OLD.progress THEN
    NEW.progress := OLD.progress;
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
      NEW.warnings := '[]';
    END IF;
    -- The job that is still waiting for its next attempt is kept; anything else is replaced by a new one.
    IF NOT EXISTS (SELECT FROM pgboss.job WHERE id = OLD.job_id AND state::text IN ('created', 'retry')) THEN
      NEW.job_id := gen_random_uuid();
    END IF;
  END IF;
  RETURN NEW;
END $$;

