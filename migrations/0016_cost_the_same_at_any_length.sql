-- What the database does for one task costs the same behind a long queue as behind a short one, and on a server that has
-- no statistics yet: the plan of a function is made at its first call, for tables that are empty then, and kept.
--
-- 1. Triggers work on all rows of a statement at once.
-- 2. Each question has one index that answers it, and no other index can be taken for it, since for empty tables all are
--    equally good to the planner. So the rank of a job is indexed as (-priority::bigint), its user as an expression; a job is
--    found by its id alone, without its queue, by which other indexes begin; and where a row is found by its id, its
--    state is compared as an expression (state::text, task_status || ''), which fits no index.
-- 3. Each function switches off the plans that read or sort whole tables, and has one plan for any number of rows.

-- The turn of a task is kept in its job alone, which is where the claim reads it.
DROP TRIGGER turn_of_inserted_task ON tasks;
DROP TRIGGER turn_of_updated_task ON tasks;
DROP TRIGGER limit_inserted_task ON tasks;
DROP TRIGGER limit_updated_task ON tasks;
DROP TRIGGER queue_inserted_task ON tasks;
DROP TRIGGER queue_updated_task ON tasks;
DROP TRIGGER withdraw_job_of_updated_task ON tasks;
DROP TRIGGER withdraw_job_of_deleted_task ON tasks;
DROP TRIGGER reprioritise_job ON tasks;
DROP FUNCTION take_turn(), next_turn(tasks), limit_open_tasks(), queue_task(), withdraw_job(), reprioritise_job(),
  job_priority(tasks);
ALTER TABLE tasks DROP COLUMN turn;

-- Of pg-boss's statements none changes what these hold. The rank is the priority of the job with the sign changed: the
-- smallest goes first. A task's own priority has a range of two million ranks, one for each turn.
UPDATE pgboss.job SET data = data || jsonb_build_object('user', tasks.user_uuid)
FROM tasks WHERE job.name = 'align' AND job.id = tasks.job_id AND tasks.task_status IN ('uploaded', 'processing');

CREATE INDEX job_waiting_by_user ON pgboss.job ((data ->> 'user'), (-priority::bigint))
  WHERE name = 'align' AND state < 'active';
CREATE INDEX job_waiting_by_engine ON pgboss.job (coalesce(group_id, ''), (-priority::bigint), created_on)
  WHERE name = 'align' AND state < 'active' AND NOT blocked;
CREATE INDEX job_running ON pgboss.job ((-priority::bigint), (data ->> 'user'))
  WHERE name = 'align' AND state = 'active';

CREATE INDEX job_by_id ON pgboss.job (id);

CREATE INDEX tasks_waiting ON tasks ((coalesce(engine, '')), queued_at, id) WHERE task_status = 'uploaded';

CREATE FUNCTION first_rank(task_priority integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT - task_priority * 2000000
$$;
CREATE FUNCTION last_rank(task_priority integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT - task_priority * 2000000 + 1999999
$$;

-- A task that needs a turn. Where it had a job before and keeps its priority, it keeps its turn.
CREATE TYPE task_to_queue AS (
  id bigint, job_id uuid, former_job_id uuid, user_uuid text, priority integer, engine text);

-- The rules of 0010: a user who has nothing in the queue gets the odd turn after those that run; further tasks of a user
-- have even turns, one behind the other, and none before the turn that is served. What is found in the index once for
-- each user and each engine is counted on from there for the rows of the statement.
CREATE FUNCTION find_ranks(queued task_to_queue[]) RETURNS TABLE (job_id uuid, rank integer) LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
  -- Joins here are of what the statement changed, never of tables: with nested loops many rows would take the square.
  SET enable_nestloop = off SET enable_mergejoin = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY
  WITH changed AS MATERIALIZED (
    SELECT one.id, one.job_id, one.user_uuid, one.priority, coalesce(one.engine, '') AS engine,
           (SELECT -job.priority::bigint FROM pgboss.job AS job
            WHERE job.id = one.former_job_id
              AND -job.priority::bigint BETWEEN first_rank(one.priority) AND last_rank(one.priority)) AS kept
    FROM unnest(queued) AS one
  ), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY changed.user_uuid, changed.priority ORDER BY changed.id)::integer AS nth
    FROM changed WHERE kept IS NULL
  ), users AS MATERIALIZED (
    SELECT its.user_uuid, its.priority,
           (SELECT -job.priority::bigint FROM pgboss.job AS job
            WHERE job.name = 'align' AND job.state < 'active' AND job.data ->> 'user' = its.user_uuid
              AND -job.priority::bigint BETWEEN first_rank(its.priority) AND last_rank(its.priority)
            ORDER BY job.data ->> 'user' DESC, -job.priority::bigint DESC LIMIT 1) - first_rank(its.priority) + 1 AS last_turn,
           (SELECT true FROM pgboss.job AS job
            WHERE job.name = 'align' AND job.state = 'active' AND job.data ->> 'user' = its.user_uuid
              AND -job.priority::bigint BETWEEN first_rank(its.priority) AND last_rank(its.priority)
            ORDER BY -job.priority::bigint LIMIT 1) AS is_at_work
    FROM (SELECT DISTINCT numbered.user_uuid, numbered.priority FROM numbered) AS its
  ), heads AS (
    SELECT its.engine, its.priority,
           (SELECT -job.priority::bigint FROM pgboss.job AS job
            WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND coalesce(job.group_id, '') = its.engine
              AND -job.priority::bigint BETWEEN first_rank(its.priority) AND last_rank(its.priority)
            ORDER BY coalesce(job.group_id, ''), -job.priority::bigint LIMIT 1) - first_rank(its.priority) + 1 AS first_turn,
           -- Engines may have workers of their own, and then each comes on at its own pace.
           coalesce(
             (SELECT -job.priority::bigint FROM pgboss.job AS job
              WHERE job.name = 'align' AND job.state = 'active' AND coalesce(job.group_id, '') = its.engine
                AND -job.priority::bigint BETWEEN first_rank(its.priority) AND last_rank(its.priority)
              ORDER BY -job.priority::bigint DESC LIMIT 1),
             (SELECT -job.priority::bigint FROM pgboss.job AS job
              WHERE job.name = 'align' AND job.state = 'active'
                AND -job.priority::bigint BETWEEN first_rank(its.priority) AND last_rank(its.priority)
              ORDER BY -job.priority::bigint DESC LIMIT 1)) - first_rank(its.priority) + 1 AS running_turn
    FROM (SELECT DISTINCT numbered.engine, numbered.priority FROM numbered) AS its
  ), engines AS MATERIALIZED (
    SELECT heads.engine, heads.priority, heads.first_turn,
           coalesce(heads.running_turn, ((heads.first_turn - 1) | 1) - 1, 0) & ~1 AS served
    FROM heads
  ), started AS (
    SELECT numbered.*, engines.served,
           CASE WHEN last_turn IS NOT NULL THEN greatest((last_turn + 2) & ~1, served + 2)
                WHEN is_at_work THEN served + 2
                ELSE least(served + 1, (first_turn - 1) | 1) END AS own_first
    FROM numbered JOIN users USING (user_uuid, priority) JOIN engines USING (engine, priority)
  ), turns AS (
    -- The turn of the nth is two more than that of the one before, and at least served + 2.
    SELECT started.job_id, started.priority,
           CASE WHEN nth = 1 THEN own_first
                ELSE 2 * nth + max(CASE WHEN nth = 1 THEN (own_first & ~1) - 2 ELSE served + 2 - 2 * nth END)
                  OVER (PARTITION BY started.user_uuid, started.priority ORDER BY nth) END AS turn
    FROM started
  )
  -- A task that comes to the end of the turns waits by age.
  SELECT turns.job_id, (first_rank(turns.priority) + least(1999999, turn - 1))::integer FROM turns
  UNION ALL
  SELECT changed.job_id, changed.kept::integer FROM changed WHERE changed.kept IS NOT NULL;
END $$;

-- A task that a worker hands back was let in before: only users with tasks that are new to the queue are looked at.
-- Called before the new tasks have jobs.
CREATE FUNCTION limit_open_tasks(queued task_to_queue[]) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  allowed integer := (SELECT user_open_tasks FROM limits WHERE only_row);
  its record;
BEGIN
  FOR its IN SELECT user_uuid, count(*)::integer AS more FROM unnest(queued) GROUP BY user_uuid LOOP
    CONTINUE WHEN has_room(its.user_uuid, allowed - its.more);
    RAISE EXCEPTION 'user % has % tasks that wait or run: no more are allowed at the same time', its.user_uuid, allowed
      USING ERRCODE = 'check_violation', CONSTRAINT = 'user_open_tasks_limited', TABLE = 'tasks',
            HINT = 'Wait until some have ended, or raise limits.user_open_tasks.';
  END LOOP;
END $$;

-- Whether a user has so many open tasks at most. Reads no more entries of an index than are allowed, whatever waits. Turns
-- do not tell how many there are: sessions that add tasks at the same time may give the same ones.
CREATE FUNCTION has_room(whose text, most integer) RETURNS boolean LANGUAGE plpgsql
  SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  running integer;
BEGIN
  IF most < 0 THEN
    RETURN false;
  END IF;
  running := (SELECT count(*) FROM (
    SELECT FROM pgboss.job WHERE name = 'align' AND state = 'active' AND data ->> 'user' = whose
    ORDER BY -priority::bigint LIMIT most + 1) AS its_own);
  RETURN running + (SELECT count(*) FROM (
    SELECT FROM pgboss.job WHERE name = 'align' AND state < 'active' AND data ->> 'user' = whose
    ORDER BY data ->> 'user', -priority::bigint LIMIT most + 1) AS its_own) <= most;
END $$;

-- A job has no age at which it expires: its holder may work for days, and shows that it lives.
CREATE FUNCTION queue_tasks(queued task_to_queue[]) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_nestloop = off SET enable_mergejoin = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  queue record;
BEGIN
  SELECT * INTO queue FROM pgboss.queue WHERE name = 'align';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the queue align does not exist, task % cannot be queued',
      (SELECT task_id FROM tasks WHERE id = queued[1].id) USING HINT = 'Run "make migrate".';
  END IF;
  INSERT INTO pgboss.job (id, name, data, priority, group_id, start_after, keep_until, expire_seconds,
                          deletion_seconds, retry_limit, retry_delay, retry_backoff, retry_delay_max, policy,
                          dead_letter, heartbeat_seconds)
  SELECT job_id, queue.name, jsonb_build_object('id', task.id, 'user', task.user_uuid), - ranks.rank, task.engine, now(),
         now() + queue.retention_seconds * interval '1 second', greatest(queue.expire_seconds, 315360000),
         queue.deletion_seconds, queue.retry_limit, queue.retry_delay, queue.retry_backoff, queue.retry_delay_max,
         queue.policy, queue.dead_letter, queue.heartbeat_seconds
  FROM unnest(queued) AS task JOIN find_ranks(queued) AS ranks USING (job_id);
  PERFORM notify_workers();
END $$;

CREATE FUNCTION queue_inserted_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  queued task_to_queue[] := ARRAY(
    SELECT ROW(id, job_id, NULL, user_uuid, priority, engine)::task_to_queue FROM inserted WHERE task_status = 'uploaded');
BEGIN
  IF cardinality(queued) > 0 THEN
    PERFORM limit_open_tasks(queued);
    PERFORM queue_tasks(queued);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER queue_inserted_tasks AFTER INSERT ON tasks REFERENCING NEW TABLE AS inserted
  FOR EACH STATEMENT EXECUTE FUNCTION queue_inserted_tasks();

-- Jobs that still wait or run. The instances that run tasks of them are told, as a hint: beyond a hundred, one hint for
-- all, since each notification goes to each instance.
CREATE FUNCTION withdraw_jobs(withdrawn uuid[], running bigint[]) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  UPDATE pgboss.job SET state = 'cancelled', completed_on = now()
  WHERE id = ANY (withdrawn) AND state::text IN ('created', 'retry', 'active');
  IF NOT FOUND OR cardinality(running) = 0 THEN
    RETURN;
  END IF;
  IF cardinality(running) > 100 THEN
    PERFORM pg_notify('autophon_withdrawn', '');
  ELSE
    PERFORM pg_notify('autophon_withdrawn', one::text) FROM unnest(running) AS one;
  END IF;
END $$;

-- One after the other: in a join the planner may read all jobs and look for each among those that are moved.
CREATE FUNCTION move_jobs(moved task_to_queue[]) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT SET enable_seqscan = off AS $$
DECLARE
  its record;
BEGIN
  FOR its IN SELECT job_id, rank FROM find_ranks(moved) LOOP
    UPDATE pgboss.job SET priority = - its.rank WHERE id = its.job_id AND state::text IN ('created', 'retry');
  END LOOP;
END $$;

CREATE FUNCTION follow_updated_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT
  -- Old and new rows are joined by a hash: with a nested loop many rows would take the square.
  SET enable_nestloop = off SET enable_mergejoin = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  withdrawn uuid[];
  running bigint[];
  let_in task_to_queue[];
  queued task_to_queue[];
  moved task_to_queue[];
BEGIN
  SELECT array_agg(job_id) FILTER (WHERE is_withdrawn),
         coalesce(array_agg(id) FILTER (WHERE is_withdrawn AND former_status = 'processing'), '{}'),
         array_agg(task) FILTER (WHERE task_status = 'uploaded' AND former_status IN ('uploading', 'failed', 'cancelled')),
         array_agg(task) FILTER (WHERE task_status = 'uploaded' AND has_new_job),
         array_agg(task) FILTER (WHERE task_status = 'uploaded' AND NOT has_new_job AND has_new_priority)
  INTO withdrawn, running, let_in, queued, moved
  FROM (
    SELECT former.id, former.job_id, former.task_status AS former_status, updated.task_status,
           former.job_id IS DISTINCT FROM updated.job_id AS has_new_job,
           former.priority <> updated.priority AS has_new_priority,
           former.task_status IN ('uploaded', 'processing')
             AND (updated.task_status IN ('cancelled', 'failed', 'expired') OR former.job_id IS DISTINCT FROM updated.job_id)
             AS is_withdrawn,
           ROW(updated.id, updated.job_id,
               CASE WHEN former.task_status IN ('uploaded', 'processing') THEN former.job_id END,
               updated.user_uuid, updated.priority, updated.engine)::task_to_queue AS task
    FROM former JOIN updated USING (id)
    WHERE former.task_status <> updated.task_status OR former.job_id IS DISTINCT FROM updated.job_id
      OR former.priority <> updated.priority
  ) AS changes;
  IF withdrawn IS NOT NULL THEN
    PERFORM withdraw_jobs(withdrawn, running);
  END IF;
  IF let_in IS NOT NULL THEN
    PERFORM limit_open_tasks(let_in);
  END IF;
  IF queued IS NOT NULL THEN
    PERFORM queue_tasks(queued);
  END IF;
  IF moved IS NOT NULL THEN
    PERFORM move_jobs(moved);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER follow_updated_tasks AFTER UPDATE ON tasks REFERENCING OLD TABLE AS former NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION follow_updated_tasks();

CREATE FUNCTION follow_deleted_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM withdraw_jobs(
    ARRAY(SELECT job_id FROM deleted WHERE task_status IN ('uploaded', 'processing')),
    ARRAY(SELECT id FROM deleted WHERE task_status = 'processing'));
  RETURN NULL;
END $$;

CREATE TRIGGER follow_deleted_tasks AFTER DELETE ON tasks REFERENCING OLD TABLE AS deleted
  FOR EACH STATEMENT EXECUTE FUNCTION follow_deleted_tasks();

-- Gives the jobs of silent holders back, and wakes a worker when something is due that nobody was told of.
--
-- A task that workers lose again and again, without proof that they die of it, is never failed for that; but it must not
-- use up a slot for ever either. From the second time on it waits, twice as long each time, ten minutes at most.
CREATE FUNCTION sweep_jobs() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  returned integer := 0;
  silent record;
  delay_sec integer;
BEGIN
  FOR silent IN
    SELECT job.id, task_of_job(job.data) AS task FROM pgboss.job
    WHERE name = 'align' AND state = 'active'
      AND coalesce(heartbeat_on, started_on) + coalesce(heartbeat_seconds, 50) * interval '1 second' < now()
    ORDER BY -priority::bigint
    FOR UPDATE SKIP LOCKED
  LOOP
    SELECT CASE WHEN takeovers > crashes THEN least(600, 2 ^ least(10, takeovers - crashes)) ELSE 0 END INTO delay_sec
    FROM tasks WHERE id = silent.task;
    delay_sec := coalesce(delay_sec, 0);
    UPDATE pgboss.job SET state = 'retry', start_after = now() + delay_sec * interval '1 second', heartbeat_on = NULL
    WHERE id = silent.id;
    returned := returned + 1;
    IF delay_sec > 0 THEN
      -- Not waited for: who holds the row may wait for the job. The note is for people.
      UPDATE tasks SET status_note = format('instance %s went silent; taken over %s times before, not known to crash its '
        'worker so often: it is tried again %s s later', left(instance, 8), takeovers, delay_sec)
      WHERE id = (SELECT id FROM tasks WHERE id = silent.task AND task_status || '' = 'processing' FOR UPDATE SKIP LOCKED);
    END IF;
  END LOOP;
  PERFORM notify_workers() FROM (
    SELECT FROM pgboss.job WHERE name = 'align' AND state = 'retry' AND NOT blocked AND start_after <= now()
    ORDER BY state, blocked, start_after LIMIT 1) AS due;
  RETURN returned;
END $$;

-- Jobs that have ended are kept for a week, for people.
CREATE FUNCTION forget_old_jobs() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
  DELETE FROM pgboss.job WHERE id = ANY (ARRAY(
    SELECT id FROM pgboss.job WHERE name = 'align' AND completed_on < now() - interval '7 days'
    ORDER BY completed_on LIMIT 10000))
$$;

-- Looks at so many waiting tasks at a time, in the order of an index, and goes on there the next time: with a million tasks
-- in the queue, a look at all of them each minute would be the largest work of the server.
CREATE TABLE jobs_checked (
  only_row  boolean PRIMARY KEY DEFAULT true,
  engine    text NOT NULL DEFAULT '',
  queued_at timestamptz NOT NULL DEFAULT '-infinity',
  id        bigint NOT NULL DEFAULT 0,
  CONSTRAINT jobs_checked_has_one_row CHECK (only_row)
);
COMMENT ON TABLE jobs_checked IS 'The last waiting task that was looked at for a lost job; the next look goes on after it.';
INSERT INTO jobs_checked DEFAULT VALUES;

CREATE FUNCTION has_job(job_id uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
  SET enable_seqscan = off AS $$
  SELECT EXISTS (SELECT FROM pgboss.job WHERE id = job_id AND state::text IN ('created', 'retry', 'active'))
$$;

CREATE OR REPLACE FUNCTION requeue_tasks_without_job() RETURNS integer LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  at_once CONSTANT integer := 5000;
  place jobs_checked := (SELECT jobs_checked FROM jobs_checked WHERE only_row FOR UPDATE);
  task record;
  looked_at integer := 0;
  jobless bigint[] := '{}';
BEGIN
  FOR task IN
    SELECT coalesce(engine, '') AS engine, queued_at, id, job_id FROM tasks
    WHERE task_status = 'uploaded' AND (coalesce(engine, ''), queued_at, id) > (place.engine, place.queued_at, place.id)
    ORDER BY coalesce(engine, ''), queued_at, id LIMIT at_once
  LOOP
    looked_at := looked_at + 1;
    place := ROW(true, task.engine, task.queued_at, task.id);
    IF NOT has_job(task.job_id) THEN
      jobless := jobless || task.id;
    END IF;
  END LOOP;
  FOR task IN SELECT id, job_id FROM tasks WHERE task_status = 'processing' LOOP
    IF NOT has_job(task.job_id) THEN
      jobless := jobless || task.id;
    END IF;
  END LOOP;
  IF looked_at < at_once THEN
    place := ROW(true, '', '-infinity', 0);
  END IF;
  UPDATE jobs_checked SET engine = place.engine, queued_at = place.queued_at, id = place.id WHERE only_row;
  IF cardinality(jobless) = 0 THEN
    RETURN 0;
  END IF;
  -- Rows that somebody holds are left for the next time. What has been locked is looked at once more.
  UPDATE tasks SET task_status = 'uploaded', status_note = 'its job was gone: queued anew',
    job_id = CASE WHEN task_status = 'uploaded' THEN gen_random_uuid() ELSE job_id END
  WHERE id = ANY (ARRAY(SELECT id FROM tasks WHERE id = ANY (jobless) FOR UPDATE SKIP LOCKED))
    AND task_status || '' IN ('uploaded', 'processing') AND NOT has_job(job_id);
  GET DIAGNOSTICS looked_at = ROW_COUNT;
  RETURN looked_at;
END $$;

-- Fails tasks that have waited too long for an engine that no instance has, or has had in that time. Only tasks of such
-- engines are read, the oldest first.
CREATE FUNCTION fail_tasks_without_engine(wait_sec double precision, known_engines text[]) RETURNS SETOF text LANGUAGE plpgsql
  SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  at_once CONSTANT integer := 1000;
  waited CONSTANT interval := wait_sec * interval '1 second';
  missing text;
BEGIN
  FOR missing IN
    SELECT engine FROM unnest(known_engines) AS engine
    WHERE NOT EXISTS (SELECT FROM active_instances WHERE engines -> engine ->> 'state' = 'ready')
      AND NOT EXISTS (
        SELECT FROM instances WHERE now() - waited < CASE engines -> engine ->> 'state' WHEN 'ready' THEN seen_at
          ELSE (engines -> engine ->> 'readyUntil')::timestamptz END)
  LOOP
    RETURN QUERY
    UPDATE tasks SET task_status = 'failed', error_code = 'E_ENGINE_MISSING',
      error_message = format('engine %s: no running instance has had it for %s s; install it on one '
        '("autophon doctor" says what is missing), then queue the task anew with "autophon retry %s"',
        missing, round(extract(epoch FROM now() - tasks.queued_at)), tasks.task_id)
    WHERE tasks.id = ANY (ARRAY(
        SELECT id FROM tasks
        WHERE task_status = 'uploaded' AND coalesce(engine, '') = missing AND queued_at < now() - waited
        ORDER BY coalesce(engine, ''), queued_at, id LIMIT at_once))
      AND tasks.task_status || '' = 'uploaded' AND tasks.queued_at < now() - waited
    RETURNING tasks.task_id;
  END LOOP;
END $$;

-- Of jobs alone: joined with tasks, on a server without statistics, it read the whole queue for each of its rows.
CREATE OR REPLACE VIEW queue_depth AS
  SELECT group_id AS engine,
         count(*) FILTER (WHERE start_after <= now()) AS ready,
         count(*) FILTER (WHERE start_after > now()) AS delayed,
         min(start_after) AS oldest,
         greatest(0, round(extract(epoch FROM now() - min(start_after)))) AS oldest_waits_sec
  FROM pgboss.job WHERE name = 'align' AND state < 'active' AND NOT blocked
  GROUP BY group_id ORDER BY group_id;

-- Where waiting tasks stand. Beyond ten thousand, how many are before a task is of no use to anybody, and is not counted.
CREATE FUNCTION find_queue_places(task_ids text[])
  RETURNS TABLE (task_id text, ahead integer, delay_sec double precision) LANGUAGE plpgsql STABLE
  SET search_path FROM CURRENT
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off SET enable_incremental_sort = off
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off SET jit = off
  SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  at_most CONSTANT integer := 10000;
  task record;
  its record;
BEGIN
  FOR task IN
    SELECT tasks.task_id, tasks.job_id FROM tasks
    WHERE tasks.task_id = ANY (task_ids) AND tasks.task_status || '' = 'uploaded'
  LOOP
    SELECT priority, created_on, start_after INTO its
    FROM pgboss.job WHERE id = task.job_id AND state::text IN ('created', 'retry');
    CONTINUE WHEN NOT FOUND;
    find_queue_places.task_id := task.task_id;
    delay_sec := greatest(0, extract(epoch FROM its.start_after - now()));
    ahead := (SELECT count(*) FROM (
        SELECT FROM pgboss.job WHERE name = 'align' AND state < 'active' AND NOT blocked AND start_after <= now()
          AND priority > its.priority
        ORDER BY name, priority DESC LIMIT at_most) AS before);
    ahead := ahead + (SELECT count(*) FROM (
        SELECT FROM pgboss.job WHERE name = 'align' AND state < 'active' AND NOT blocked AND start_after <= now()
          AND priority BETWEEN its.priority AND its.priority AND created_on < its.created_on
        ORDER BY name, priority DESC, created_on LIMIT at_most - ahead) AS before);
    RETURN NEXT;
  END LOOP;
END $$;
