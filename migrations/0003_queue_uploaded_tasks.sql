-- The row is the interface: the trigger puts the pg-boss job, and the notification that wakes a worker, into the
-- very transaction that makes a task `uploaded`. Rolled back together, visible together.
--
-- The functions run with the rights of their owner, so that a role which may only write tasks can queue them.

-- The channel and payload are those of pg-boss itself for the schema pgboss.
CREATE FUNCTION work_channel() RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT 'pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24)
$$;

CREATE FUNCTION notify_workers() RETURNS void LANGUAGE sql SET search_path FROM CURRENT AS $$
  SELECT pg_notify(work_channel(), 'align')
$$;

-- Priority first, then users take turns: each open task of a user puts the next one a step behind, so that a
-- thousand tasks of one user alternate with the single task of another. Then age, by pg-boss itself.
CREATE FUNCTION job_priority(task tasks) RETURNS integer LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT task.priority * 1000 - least(999, count(*))::integer
  FROM (SELECT FROM tasks AS other
        WHERE other.user_uuid = task.user_uuid
          AND other.task_status IN ('uploaded', 'processing')
          AND (other.queued_at, other.id) < (task.queued_at, task.id)
        LIMIT 999) AS ahead
$$;

CREATE FUNCTION queue_task() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO pgboss.job (id, name, data, priority, group_id, start_after, keep_until, expire_seconds,
                          deletion_seconds, retry_limit, retry_delay, retry_backoff, retry_delay_max, policy,
                          dead_letter, heartbeat_seconds)
  SELECT NEW.job_id, queue.name, jsonb_build_object('id', NEW.id), job_priority(NEW), NEW.engine, now(),
         now() + queue.retention_seconds * interval '1 second', queue.expire_seconds, queue.deletion_seconds,
         queue.retry_limit, queue.retry_delay, queue.retry_backoff, queue.retry_delay_max, queue.policy,
         queue.dead_letter, queue.heartbeat_seconds
  FROM pgboss.queue AS queue WHERE queue.name = 'align';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the queue align does not exist, task % cannot be queued', NEW.task_id
      USING HINT = 'Run "make migrate".';
  END IF;
  PERFORM notify_workers();
  RETURN NULL;
END $$;

CREATE TRIGGER queue_inserted_task AFTER INSERT ON tasks FOR EACH ROW
  WHEN (NEW.task_status = 'uploaded') EXECUTE FUNCTION queue_task();

CREATE TRIGGER queue_updated_task AFTER UPDATE ON tasks FOR EACH ROW
  WHEN (NEW.task_status = 'uploaded' AND OLD.job_id IS DISTINCT FROM NEW.job_id) EXECUTE FUNCTION queue_task();

-- A task that left the queue some other way than through a claim takes its job with it, and tells the instance
-- that may be running it.
CREATE FUNCTION withdraw_job() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE pgboss.job SET state = 'cancelled', completed_on = now()
  WHERE name = 'align' AND id = OLD.job_id AND state IN ('created', 'retry', 'active');
  IF FOUND AND OLD.task_status = 'processing' THEN
    PERFORM pg_notify('autophon_withdrawn', OLD.id::text);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER withdraw_job_of_updated_task AFTER UPDATE ON tasks FOR EACH ROW
  WHEN (OLD.task_status IN ('uploaded', 'processing')
        AND (NEW.task_status IN ('cancelled', 'failed', 'expired') OR OLD.job_id IS DISTINCT FROM NEW.job_id))
  EXECUTE FUNCTION withdraw_job();

CREATE TRIGGER withdraw_job_of_deleted_task AFTER DELETE ON tasks FOR EACH ROW
  WHEN (OLD.task_status IN ('uploaded', 'processing')) EXECUTE FUNCTION withdraw_job();

CREATE FUNCTION reprioritise_job() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE pgboss.job SET priority = job_priority(NEW)
  WHERE name = 'align' AND id = NEW.job_id AND state IN ('created', 'retry');
  RETURN NULL;
END $$;

CREATE TRIGGER reprioritise_job AFTER UPDATE OF priority ON tasks FOR EACH ROW
  WHEN (NEW.task_status = 'uploaded' AND OLD.priority <> NEW.priority) EXECUTE FUNCTION reprioritise_job();

-- The backstop of the backstop: open tasks whose job is gone (a restored backup, a hand in pgboss.job, a job past
-- its retention) are queued anew. Run by the workers at every sweep; returns how many.
CREATE FUNCTION requeue_tasks_without_job() RETURNS integer LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  task tasks;
  requeued integer := 0;
BEGIN
  FOR task IN
    SELECT t.* FROM tasks AS t
    WHERE t.task_status IN ('uploaded', 'processing')
      AND NOT EXISTS (SELECT FROM pgboss.job AS job
                      WHERE job.name = 'align' AND job.id = t.job_id AND job.state IN ('created', 'retry', 'active'))
    ORDER BY t.id LIMIT 100
    FOR UPDATE OF t SKIP LOCKED
  LOOP
    IF task.task_status = 'processing' THEN
      UPDATE tasks SET task_status = 'uploaded', status_note = 'its job was gone: queued anew' WHERE id = task.id;
    ELSE
      UPDATE tasks SET job_id = gen_random_uuid(), status_note = 'its job was gone: queued anew' WHERE id = task.id;
    END IF;
    requeued := requeued + 1;
  END LOOP;
  RETURN requeued;
END $$;
