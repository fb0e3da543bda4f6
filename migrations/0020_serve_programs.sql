-- Programs write rows in their own way, and read them in their own way.

-- 1. What the zip is called when a user saves it. Its path carries the attempt and does not say what is in it.
ALTER TABLE tasks
  ADD COLUMN download_name text,
  ADD CONSTRAINT download_name_has_at_most_255_characters CHECK (length(download_name) <= 255);
COMMENT ON COLUMN tasks.download_name IS 'What the zip at download_path is to be called when a user saves it.';

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
