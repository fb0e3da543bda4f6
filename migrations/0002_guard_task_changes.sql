-- Which changes of a task are allowed. The worker never needs these triggers to behave; they are what keeps the
-- promises when something else writes: an old worker that wakes up, an application with a bug, a hand in psql.

CREATE TABLE task_status_edges (
  from_status text NOT NULL,
  to_status   text NOT NULL,
  PRIMARY KEY (from_status, to_status)
);

INSERT INTO task_status_edges VALUES
  ('uploading', 'uploaded'),
  ('uploaded', 'processing'),
  ('uploaded', 'cancelled'),
  ('uploaded', 'failed'),
  ('uploaded', 'expired'),
  ('processing', 'completed'),
  ('processing', 'failed'),
  ('processing', 'cancelled'),
  ('processing', 'uploaded'),
  ('failed', 'uploaded'),
  ('failed', 'expired'),
  ('cancelled', 'uploaded'),
  ('completed', 'expired');

CREATE FUNCTION guard_task_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.task_status NOT IN ('uploading', 'uploaded') THEN
    RAISE EXCEPTION 'a task starts as uploading or uploaded, not as %', NEW.task_status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'status_starts_at_upload', TABLE = 'tasks';
  END IF;
  IF NEW.task_status = 'uploaded' THEN
    NEW.queued_at := now();
    NEW.engine := coalesce(NEW.engine, nullif(upper(split_part(NEW.lang, '_', 2)), ''));
    NEW.job_id := gen_random_uuid();
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER guard_task_insert BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION guard_task_insert();

CREATE FUNCTION guard_task_update() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
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
    -- A task that ended and is tried again starts with a clean slate; one handed back keeps its counts.
    IF OLD.task_status IN ('failed', 'cancelled') THEN
      NEW.attempts := 0;
      NEW.crashes := 0;
      NEW.error_code := NULL;
      NEW.error_message := NULL;
      NEW.warnings := '[]';
    END IF;
    -- The job that is still waiting for its next attempt is kept; anything else is replaced by a new one.
    IF NOT EXISTS (SELECT FROM pgboss.job WHERE name = 'align' AND id = OLD.job_id AND state IN ('created', 'retry')) THEN
      NEW.job_id := gen_random_uuid();
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER guard_task_update BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION guard_task_update();
