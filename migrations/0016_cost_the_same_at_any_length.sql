-- What the database does for one task costs the same behind a long queue as behind a short one, and on a server that has
-- no statistics yet. The first plan of a function in a new database is made for empty tables and kept: it reads the
-- whole queue for each row, and twenty thousand rows took minutes. So the functions allow only what an index serves, and
-- there is an index for each question.

DROP INDEX tasks_open_by_user, tasks_by_turn;
CREATE INDEX tasks_waiting_of_user ON tasks (user_uuid, priority, turn) WHERE task_status = 'uploaded';
CREATE INDEX tasks_running_of_user ON tasks (user_uuid, priority) WHERE task_status = 'processing';
CREATE INDEX tasks_waiting_by_turn ON tasks (priority, engine, turn) WHERE task_status = 'uploaded';
CREATE INDEX tasks_running_by_turn ON tasks (priority, engine, turn) WHERE task_status = 'processing';

-- What a trigger has found for one row is kept for the other rows of the same statement, in settings of the transaction:
-- many rows of one user are the common case, and what is asked for the first need not be asked for each. A number of the
-- statement is part of what is kept, since the next statement may change what it was found from.
CREATE FUNCTION begin_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('autophon.statement', (coalesce(nullif(current_setting('autophon.statement', true), ''), '0')::bigint + 1)::text, true);
  RETURN NULL;
END $$;

CREATE TRIGGER begin_statement BEFORE INSERT OR UPDATE ON tasks FOR EACH STATEMENT EXECUTE FUNCTION begin_statement();

-- Keys are names of users and the like: hashed, they are names of settings.
CREATE FUNCTION recall(key text) RETURNS integer[] LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN split_part(kept, '|', 1) = current_setting('autophon.statement', true)
              THEN split_part(kept, '|', 2)::integer[] END
  FROM current_setting('autophon.k' || md5(key), true) AS kept
$$;

CREATE FUNCTION remember(key text, numbers integer[]) RETURNS void LANGUAGE sql VOLATILE AS $$
  SELECT set_config('autophon.k' || md5(key), current_setting('autophon.statement', true) || '|' || numbers::text, true)
$$;

-- The rules are those of 0010.
CREATE OR REPLACE FUNCTION next_turn(task tasks) RETURNS integer LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  whose text := format('turn %s %s %s', task.user_uuid, task.priority, task.engine);
  known integer[] := recall(whose);
  own_last integer := known[1];
  served integer := known[2];
  is_at_work boolean := false;
  first integer;
  found_turn integer;
BEGIN
  IF known IS NULL THEN
    own_last := (SELECT turn FROM tasks WHERE user_uuid = task.user_uuid AND priority = task.priority
                 AND task_status = 'uploaded' ORDER BY turn DESC LIMIT 1);
    is_at_work := EXISTS (SELECT FROM tasks WHERE user_uuid = task.user_uuid AND priority = task.priority
                          AND task_status = 'processing');
    first := (SELECT turn FROM tasks WHERE task_status = 'uploaded' AND priority = task.priority
              AND engine = task.engine ORDER BY turn LIMIT 1);
    -- Engines may have workers of their own, and then each comes on at its own pace.
    served := coalesce(
      (SELECT turn FROM tasks WHERE task_status = 'processing' AND priority = task.priority AND engine = task.engine
       ORDER BY turn DESC LIMIT 1),
      (SELECT max(turn) FROM tasks WHERE task_status = 'processing' AND priority = task.priority),
      ((first - 1) | 1) - 1,
      0) & ~1;
  END IF;
  found_turn := CASE
    WHEN own_last IS NOT NULL THEN greatest((own_last + 2) & ~1, served + 2)
    WHEN is_at_work THEN served + 2
    ELSE least(served + 1, (first - 1) | 1) END;
  PERFORM remember(whose, ARRAY[found_turn, served]);
  RETURN found_turn;
END $$;

-- Counts once for each user of a statement, and goes on counting.
CREATE OR REPLACE FUNCTION limit_open_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  allowed integer := (SELECT user_open_tasks FROM limits WHERE only_row);
  known integer[] := recall('open ' || NEW.user_uuid);
  open integer;
BEGIN
  IF known IS NULL THEN
    -- Reads as many index entries as are allowed, and no more, whatever waits.
    open := 1 + (SELECT count(*) FROM (
      SELECT FROM tasks WHERE user_uuid = NEW.user_uuid AND task_status = 'uploaded' AND id <> NEW.id LIMIT allowed) AS waiting)
      + (SELECT count(*) FROM (
      SELECT FROM tasks WHERE user_uuid = NEW.user_uuid AND task_status = 'processing' AND id <> NEW.id LIMIT allowed) AS running);
  ELSE
    open := known[1] + 1;
  END IF;
  IF open > allowed THEN
    RAISE EXCEPTION 'user % has % tasks that wait or run: no more are allowed at the same time', NEW.user_uuid, allowed
      USING ERRCODE = 'check_violation', CONSTRAINT = 'user_open_tasks_limited', TABLE = 'tasks',
            HINT = 'Wait until some have ended, or raise limits.user_open_tasks.';
  END IF;
  PERFORM remember('open ' || NEW.user_uuid, ARRAY[open]);
  RETURN NEW;
END $$;

-- A job is found by its id. The state is compared as text, so that no index on states can be taken for it: without
-- statistics the planner holds all indexes for equally good.
CREATE OR REPLACE FUNCTION withdraw_job() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE pgboss.job SET state = 'cancelled', completed_on = now()
  WHERE name = 'align' AND id = OLD.job_id AND state::text IN ('created', 'retry', 'active');
  IF FOUND AND OLD.task_status = 'processing' THEN
    PERFORM pg_notify('autophon_withdrawn', OLD.id::text);
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION reprioritise_job() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE pgboss.job SET priority = job_priority(NEW)
  WHERE name = 'align' AND id = NEW.job_id AND state::text IN ('created', 'retry');
  RETURN NULL;
END $$;

-- Gives the jobs of silent holders back, and wakes a worker when something is due that nobody was told of. A job never
-- expires by age: its holder may work for days, and shows that it lives.
--
-- A task that workers lose again and again, without proof that they die of it, is never failed for that; but it must not
-- use up a slot for ever either. From the second time on it waits, twice as long each time, ten minutes at most.
CREATE FUNCTION sweep_jobs() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  returned integer := 0;
  silent record;
  delay_sec integer;
BEGIN
  FOR silent IN
    SELECT job.id, task_of_job(job.data) AS task FROM pgboss.job
    WHERE name = 'align' AND state = 'active'
      AND coalesce(heartbeat_on, started_on) + coalesce(heartbeat_seconds, 50) * interval '1 second' < now()
    FOR UPDATE SKIP LOCKED
  LOOP
    SELECT CASE WHEN takeovers > crashes THEN least(600, 2 ^ least(10, takeovers - crashes)) ELSE 0 END INTO delay_sec
    FROM tasks WHERE id = silent.task;
    delay_sec := coalesce(delay_sec, 0);
    UPDATE pgboss.job SET state = 'retry', start_after = now() + delay_sec * interval '1 second', heartbeat_on = NULL
    WHERE name = 'align' AND id = silent.id;
    returned := returned + 1;
    IF delay_sec > 0 THEN
      -- Not waited for: who holds the row may wait for the job. The note is for people.
      UPDATE tasks SET status_note = format('instance %s went silent; taken over %s times before, not known to crash its '
        'worker so often: it is tried again %s s later', left(instance, 8), takeovers, delay_sec)
      WHERE id = (SELECT id FROM tasks WHERE id = silent.task AND task_status = 'processing' FOR UPDATE SKIP LOCKED);
    END IF;
  END LOOP;
  PERFORM notify_workers() FROM (
    SELECT FROM pgboss.job WHERE name = 'align' AND state = 'retry' AND start_after <= now() LIMIT 1) AS due;
  RETURN returned;
END $$;

-- Jobs that have ended are kept for a week, for people.
CREATE FUNCTION forget_old_jobs() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  DELETE FROM pgboss.job USING (
    SELECT id FROM pgboss.job WHERE name = 'align' AND completed_on < now() - interval '7 days' LIMIT 10000
  ) AS old WHERE job.name = 'align' AND job.id = old.id
$$;

-- Looks at so many open tasks at a time, in the order of their ids, and goes on there the next time: with a million
-- tasks in the queue, a look at all of them each minute would be the largest work of the server.
ALTER TABLE limits ADD COLUMN checked_up_to bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN limits.checked_up_to IS 'Waiting tasks up to this id have been looked at for a lost job.';

CREATE OR REPLACE FUNCTION requeue_tasks_without_job() RETURNS integer LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  at_once CONSTANT integer := 10000;
  last_id bigint;
  task tasks;
  requeued integer := 0;
BEGIN
  SELECT max(id) INTO last_id FROM (
    SELECT id FROM tasks WHERE task_status = 'uploaded' AND id > (SELECT checked_up_to FROM limits WHERE only_row)
    ORDER BY id LIMIT at_once) AS part;
  FOR task IN
    SELECT t.* FROM tasks AS t
    WHERE t.id IN (
        SELECT id FROM tasks WHERE task_status = 'processing'
        UNION ALL
        SELECT id FROM tasks WHERE task_status = 'uploaded'
          AND id > (SELECT checked_up_to FROM limits WHERE only_row) AND id <= last_id)
      AND t.task_status IN ('uploaded', 'processing')
      AND NOT EXISTS (SELECT FROM pgboss.job AS job
                      WHERE job.name = 'align' AND job.id = t.job_id AND job.state::text IN ('created', 'retry', 'active'))
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
  -- Where a hundred were found there may be more among these.
  IF requeued < 100 THEN
    UPDATE limits SET checked_up_to = CASE WHEN (
      SELECT count(*) FROM (SELECT FROM tasks WHERE task_status = 'uploaded' AND id > last_id LIMIT 1) AS more) = 0
      THEN 0 ELSE last_id END;
  END IF;
  RETURN requeued;
END $$;

CREATE INDEX tasks_waiting_by_id ON tasks (id) WHERE task_status = 'uploaded';
CREATE INDEX tasks_running_by_id ON tasks (id) WHERE task_status = 'processing';

-- Each of them is called for each row, or as often as a worker looks.
DO $$
DECLARE
  routine regprocedure;
BEGIN
  FOREACH routine IN ARRAY ARRAY[
    'guard_task_update()', 'queue_task()', 'withdraw_job()', 'reprioritise_job()', 'next_turn(tasks)', 'limit_open_tasks()',
    'record_task_history()', 'sweep_jobs()', 'forget_old_jobs()', 'requeue_tasks_without_job()']::regprocedure[]
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET enable_seqscan = off', routine);
    EXECUTE format('ALTER FUNCTION %s SET enable_bitmapscan = off', routine);
    EXECUTE format('ALTER FUNCTION %s SET enable_hashjoin = off', routine);
    EXECUTE format('ALTER FUNCTION %s SET enable_mergejoin = off', routine);
    EXECUTE format('ALTER FUNCTION %s SET enable_material = off', routine);
    -- A plan that is only expensive on paper must not be compiled.
    EXECUTE format('ALTER FUNCTION %s SET jit = off', routine);
  END LOOP;
END $$;
