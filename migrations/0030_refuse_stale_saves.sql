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
          HINT = 'Read the row again, and write only the columns that you change.';
END $$;

-- Before guard_task_update, which empties these columns, and after fill_changed_task.
CREATE TRIGGER guard_stale_save BEFORE UPDATE ON tasks FOR EACH ROW
  WHEN (OLD.task_status = 'processing' AND NEW.task_status = 'uploaded'
        AND (NEW.updated_at, NEW.started_at, NEW.instance, NEW.stage, NEW.progress, NEW.claim)
            IS DISTINCT FROM (OLD.updated_at, OLD.started_at, OLD.instance, OLD.stage, OLD.progress, OLD.claim))
  EXECUTE FUNCTION refuse_stale_save();
