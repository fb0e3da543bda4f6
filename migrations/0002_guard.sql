-- Which changes of a task are allowed, and what a change brings with it. The worker keeps these rules by itself. They keep
-- the promises when something else writes: a worker that was frozen and wakes up, a faulty application, a person in psql.

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

-- 2. NULL means "not set". Many libraries name every column of a row and send NULL for those that nobody has set; a
-- default of a column counts only for a column that is not named. So the row is completed here, before any other trigger
-- looks at it: triggers run in the order of their names.
--
-- What the worker or the database keeps is not for the writer of a new row to set: it begins as if it were left out. So
-- a role may be allowed to name these columns, as its library does, and still decides nothing in them.
CREATE FUNCTION fill_new_task() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  NEW.id := coalesce(NEW.id, nextval('tasks_id_seq'));
  NEW.task_id := coalesce(NEW.task_id, gen_random_uuid()::text);
  NEW.task_status := coalesce(NEW.task_status, 'uploading');
  NEW.priority := coalesce(NEW.priority, 0);
  NEW.speakers := coalesce(NEW.speakers, 'tiers');
  NEW.created_at := coalesce(NEW.created_at, now());

  -- Asked for from the start, it could not be asked for any more. In an INSERT that becomes an update of a row that is there
  -- (ON CONFLICT), it is asked for now.
  NEW.cancel_requested := coalesce(NEW.cancel_requested, false)
    AND EXISTS (SELECT FROM tasks WHERE task_id = NEW.task_id);
  NEW.updated_at := now();
  NEW.progress := 0;
  NEW.fence := 0;
  NEW.attempts := 0;
  NEW.crashes := 0;
  NEW.takeovers := 0;
  NEW.warnings := '[]';
  NEW.results_tidy := false;
  NEW.claim := NULL;
  NEW.job_id := NULL;
  NEW.instance := NULL;
  NEW.stage := NULL;
  NEW.download_path := NULL;
  NEW.download_name := NULL;
  NEW.log_path := NULL;
  NEW.error_code := NULL;
  NEW.error_message := NULL;
  NEW.no_of_tiers := NULL;
  NEW.words := NULL;
  NEW.missing_words := NULL;
  NEW.audio_seconds := NULL;
  NEW.queued_at := NULL;
  NEW.started_at := NULL;
  NEW.finished_at := NULL;
  NEW.inputs_deleted_at := NULL;
  NEW.removal_started_at := NULL;
  NEW.removal_xid := NULL;
  RETURN NEW;
END $$;

CREATE TRIGGER fill_new_task BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION fill_new_task();

-- In an update, a column that always has a value keeps it, and so does what triggers fill in: a library that writes a
-- whole row back has NULL there when it has not read the row since it made it.
CREATE FUNCTION keep_task_values() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.id := coalesce(NEW.id, OLD.id);
  NEW.task_id := coalesce(NEW.task_id, OLD.task_id);
  NEW.task_status := coalesce(NEW.task_status, OLD.task_status);
  NEW.priority := coalesce(NEW.priority, OLD.priority);
  NEW.progress := coalesce(NEW.progress, OLD.progress);
  NEW.fence := coalesce(NEW.fence, OLD.fence);
  NEW.attempts := coalesce(NEW.attempts, OLD.attempts);
  NEW.crashes := coalesce(NEW.crashes, OLD.crashes);
  NEW.takeovers := coalesce(NEW.takeovers, OLD.takeovers);
  NEW.warnings := coalesce(nullif(NEW.warnings, 'null'), OLD.warnings);
  NEW.cancel_requested := coalesce(NEW.cancel_requested, OLD.cancel_requested);
  NEW.speakers := coalesce(NEW.speakers, OLD.speakers);
  NEW.results_tidy := coalesce(NEW.results_tidy, OLD.results_tidy);
  NEW.created_at := coalesce(NEW.created_at, OLD.created_at);
  NEW.job_id := coalesce(NEW.job_id, OLD.job_id);
  NEW.queued_at := coalesce(NEW.queued_at, OLD.queued_at);
  NEW.finished_at := coalesce(NEW.finished_at, OLD.finished_at);
  RETURN NEW;
END $$;

-- Before guard_task_update, and only for rows that need it: most updates are signs of progress.
CREATE TRIGGER fill_changed_task BEFORE UPDATE ON tasks FOR EACH ROW
  WHEN (num_nulls(NEW.id, NEW.task_id, NEW.task_status, NEW.priority, NEW.progress, NEW.fence, NEW.attempts,
                  NEW.crashes, NEW.takeovers, nullif(NEW.warnings, 'null'), NEW.cancel_requested, NEW.speakers,
                  NEW.results_tidy, NEW.created_at) > 0
        OR (NEW.job_id IS NULL AND OLD.job_id IS NOT NULL)
        OR (NEW.queued_at IS NULL AND OLD.queued_at IS NOT NULL)
        OR (NEW.finished_at IS NULL AND OLD.finished_at IS NOT NULL))
  EXECUTE FUNCTION keep_task_values();

CREATE FUNCTION guard_task_insert() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER guard_task_insert BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION guard_task_insert();

-- A take-over is a crash when the death of the worker in that very attempt is proved. Without proof it is one when the
-- instance has not been heard of since, for ten minutes after it, and did not sign off. Those ten minutes begin with the
-- take-over: after an outage of the database nobody has been heard of for long.
CREATE FUNCTION count_crashes(task_id bigint) RETURNS integer LANGUAGE sql STABLE SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_hashjoin = off
  SET enable_mergejoin = off SET enable_material = off SET jit = off AS $$
  SELECT count(*)::integer
  FROM task_takeovers AS takeover LEFT JOIN instances ON instances.id = takeover.instance
  WHERE takeover.task = task_id
    -- One that signed off and had to leave an attempt behind was told to stop: that is no crash.
    AND instances.stopped_at IS NULL
    AND (EXISTS (SELECT FROM attempt_deaths AS death WHERE death.task = task_id AND death.claim = takeover.claim)
         OR instances.died_at IS NULL AND instances.seen_at <= takeover.at AND takeover.at < now() - interval '10 minutes')
$$;

CREATE FUNCTION guard_task_update() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  NEW.updated_at := now();

  -- Asking to cancel is all that a psql user or a web application has to do.
  -- With an old status beside it, it is asked for all the same.
  IF NEW.cancel_requested AND NOT OLD.cancel_requested AND NEW.task_status IN (OLD.task_status, 'uploaded')
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
    IF NOT is_job_waiting(OLD.job_id) THEN
      NEW.job_id := gen_random_uuid();
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER guard_task_update BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION guard_task_update();

-- A running task does not go back into the queue because somebody saved an old copy of its row.
--
-- Only a worker takes a task from processing to uploaded. It sets the status and what it has to say of the attempt; what
-- tells the attempt itself (who runs it, since when, how far) it leaves to guard_task_update. A library that saves a whole
-- row that it read while the task waited writes these columns, too, with the values of that time. So an update that
-- changes both is no hand-back. One that names the status alone cannot be told from a hand-back, and is allowed.
CREATE FUNCTION refuse_stale_save() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'task %: it is running, and this update would put it back into the queue with an old copy of its row',
    OLD.task_id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'running_task_not_overwritten', TABLE = 'tasks',
          HINT = 'Read the row again, and write only the columns that you change. To queue it anew by hand, set task_status alone.';
END $$;

-- Before guard_task_update, which empties these columns, and after fill_changed_task.
CREATE TRIGGER guard_stale_save BEFORE UPDATE ON tasks FOR EACH ROW
  WHEN (OLD.task_status = 'processing' AND NEW.task_status = 'uploaded'
        -- Whoever asks to cancel gets that, however old the rest of the row is.
        AND (OLD.cancel_requested OR NEW.cancel_requested IS NOT TRUE)
        AND (NEW.updated_at, NEW.started_at, NEW.instance, NEW.stage, NEW.progress, NEW.claim)
            IS DISTINCT FROM (OLD.updated_at, OLD.started_at, OLD.instance, OLD.stage, OLD.progress, OLD.claim))
  EXECUTE FUNCTION refuse_stale_save();

CREATE FUNCTION remember_deleted_task() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO deleted_tasks (id, task_id, user_uuid, task_path)
  VALUES (OLD.id, OLD.task_id, OLD.user_uuid, OLD.task_path) ON CONFLICT (id) DO NOTHING;
  RETURN NULL;
END $$;

CREATE TRIGGER remember_deleted_task AFTER DELETE ON tasks FOR EACH ROW EXECUTE FUNCTION remember_deleted_task();

-- 3. Applications that wait for a task are told when it ends. It is a hint to read the row, as all notifications are.
-- Every login of the database may listen, so there is nothing in it that says whose the task is.
CREATE FUNCTION notify_task_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('autophon_task_ended',
                    json_build_object('id', NEW.id, 'task_id', NEW.task_id, 'status', NEW.task_status)::text);
  RETURN NULL;
END $$;

CREATE TRIGGER notify_task_ended AFTER UPDATE ON tasks FOR EACH ROW
  WHEN (OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL) EXECUTE FUNCTION notify_task_ended();
