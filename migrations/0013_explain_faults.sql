-- What happened to a task is to be read from its history alone: from whom it was taken over, that it was cancelled by
-- whoever did it in psql, and that a stage which will be tried again has failed.

CREATE OR REPLACE FUNCTION record_task_history() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  what_happened text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO task_events (task, from_status, to_status, fence) VALUES (NEW.id, NULL, NEW.task_status, NEW.fence);
    RETURN NULL;
  END IF;

  what_happened := CASE
    WHEN NEW.task_status <> OLD.task_status AND NEW.task_status = 'failed'
      THEN NEW.error_code || ': ' || left(NEW.error_message, 1000)
    WHEN NEW.task_status = 'processing' AND OLD.task_status = 'processing' AND NEW.fence > OLD.fence
      THEN format('taken over: instance %s went silent in %s, crash %s', left(OLD.instance, 8),
                  coalesce(OLD.stage, 'prepare'), NEW.crashes)
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
  RETURN NULL;
END $$;

-- How long an instance has been taking no tasks, for people and for whatever watches the service.
ALTER TABLE instances ADD COLUMN paused_since timestamptz;
COMMENT ON COLUMN instances.paused_since IS 'Since when the instance takes no new tasks; null: it does.';

CREATE OR REPLACE VIEW active_instances AS
  SELECT id, host, pid, version, started_at, seen_at, slots, busy, engines, paused, paused_since
  FROM instances WHERE stopped_at IS NULL AND seen_at > now() - interval '30 seconds' ORDER BY started_at;
