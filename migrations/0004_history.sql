-- What happened to a task, in order: one event per change of status, stage or holder, one row per stage of each
-- attempt. Written here and not by the worker, so that no path can forget it.

CREATE FUNCTION record_inserted_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO task_events (task, from_status, to_status, fence)
  SELECT id, NULL, task_status, fence FROM inserted;
  RETURN NULL;
END $$;

CREATE TRIGGER record_inserted_tasks AFTER INSERT ON tasks REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION record_inserted_tasks();

CREATE FUNCTION record_task_history() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_hashjoin = off
  SET enable_mergejoin = off SET enable_material = off SET jit = off AS $$
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

CREATE TRIGGER record_updated_task AFTER UPDATE ON tasks FOR EACH ROW
  WHEN (OLD.task_status <> NEW.task_status OR OLD.stage IS DISTINCT FROM NEW.stage OR OLD.fence <> NEW.fence
        OR OLD.crashes < NEW.crashes)
  EXECUTE FUNCTION record_task_history();

-- History is append-only for everybody.
CREATE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'task_events is append-only' USING ERRCODE = 'check_violation', CONSTRAINT = 'history_is_append_only';
END $$;

CREATE TRIGGER refuse_event_change BEFORE UPDATE ON task_events FOR EACH ROW EXECUTE FUNCTION refuse_history_change();

-- Deleting a task deletes its history, by the trigger of the foreign key. Only a direct delete is refused.
CREATE TRIGGER refuse_event_delete BEFORE DELETE ON task_events FOR EACH ROW WHEN (pg_trigger_depth() = 0)
  EXECUTE FUNCTION refuse_history_change();
