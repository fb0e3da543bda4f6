-- One user must not be able to fill the queue for all. The limit lives here and not in a setting of the worker: rows
-- are written by web applications and by hand, and the database is the only one that sees them all.

CREATE TABLE limits (
  only_row        boolean PRIMARY KEY DEFAULT true,
  user_open_tasks integer NOT NULL DEFAULT 10000,
  CONSTRAINT limits_has_one_row CHECK (only_row),
  CONSTRAINT user_open_tasks_positive CHECK (user_open_tasks > 0)
);

COMMENT ON COLUMN limits.user_open_tasks IS 'Tasks of one user that may wait or run at the same time.';

INSERT INTO limits DEFAULT VALUES;

-- A task that a worker hands back was let in before: only what is new to the queue is counted.
CREATE FUNCTION limit_open_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  allowed integer := (SELECT user_open_tasks FROM limits);
BEGIN
  -- Reads as many index entries as are allowed, and no more, whatever waits.
  IF EXISTS (SELECT FROM tasks
             WHERE user_uuid = NEW.user_uuid AND task_status IN ('uploaded', 'processing') AND id <> NEW.id
             OFFSET allowed - 1 LIMIT 1) THEN
    RAISE EXCEPTION 'user % has % tasks that wait or run: no more are allowed at the same time', NEW.user_uuid, allowed
      USING ERRCODE = 'check_violation', CONSTRAINT = 'user_open_tasks_limited', TABLE = 'tasks',
            HINT = 'Wait until some have ended, or raise limits.user_open_tasks.';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER limit_inserted_task BEFORE INSERT ON tasks FOR EACH ROW
  WHEN (NEW.task_status = 'uploaded') EXECUTE FUNCTION limit_open_tasks();

CREATE TRIGGER limit_updated_task BEFORE UPDATE OF task_status ON tasks FOR EACH ROW
  WHEN (NEW.task_status = 'uploaded' AND OLD.task_status IN ('uploading', 'failed', 'cancelled'))
  EXECUTE FUNCTION limit_open_tasks();
