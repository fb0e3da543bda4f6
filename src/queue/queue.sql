-- Version 8
-- Works with version 4 or later.
-- (Each change of this file raises the version. A program with a version below that of line 2 refuses the database.)
--
-- The queue in the database. Only this file and queue.ts name the tables of pg-boss. "make migrate" runs this file after
-- the migrations, unless the same text ran last. So each statement must be able to run again.
--
-- The rank of a job is its place in the queue; the smallest goes first. It is pg-boss's priority with the sign changed.
-- Each priority of tasks has its own range of two million ranks, one rank for each turn.
--
-- Users take turns. A task gets its turn when it is queued, among the tasks of its priority, and keeps it:
-- - A task of a user who has no other task in the queue gets an odd turn, directly after the turn that is being served: only
--   running tasks are ahead of it.
-- - Further tasks of the user get even turns, one after the other, all after the turn that is being served. So a user who
--   queues many tasks now is not ahead of a user who queued many before.
-- - Among equal turns the older task goes first. Turns start at 0 again when no task waits or runs. When all turns of a
--   priority are used up, its tasks go by age.
--
-- A task that waits for its time (tasks.not_before) has a blocked job with a rank after all others. Claims do not look at
-- it, and it does not count in turns. When its time has come, it gets a turn like a task that is queued at that moment.
--
-- Each question must cost the same with a short and a long queue, and on a server without statistics: such a server plans
-- a function for empty tables and keeps that plan. For an empty table the planner finds all indexes equally good. So for
-- each question exactly one index fits, and nothing else may:
-- - The indexes are on expressions: (-priority::bigint) and (data ->> 'user').
-- - Where a job is found by its id, its state is compared as text, which fits no index.
-- - Plans that read or sort whole tables are switched off for the functions: see the end of this file.

CREATE INDEX IF NOT EXISTS job_by_id ON pgboss.job (id);
CREATE INDEX IF NOT EXISTS job_waiting_by_user ON pgboss.job ((data ->> 'user'), (-priority::bigint))
  WHERE name = 'align' AND state < 'active';
CREATE INDEX IF NOT EXISTS job_waiting_by_engine ON pgboss.job (coalesce(group_id, ''), (-priority::bigint), created_on)
  WHERE name = 'align' AND state < 'active' AND NOT blocked;
CREATE INDEX IF NOT EXISTS job_running ON pgboss.job ((-priority::bigint), (data ->> 'user'))
  WHERE name = 'align' AND state = 'active';

-- The task of a job. Null for a job that was inserted by hand and names no task.
CREATE OR REPLACE FUNCTION task_of_job(data jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN length(data ->> 'id') <= 18 AND data ->> 'id' ~ '^[0-9]+$' THEN (data ->> 'id')::bigint END
$$;

-- The channel that pg-boss itself uses for the schema pgboss.
CREATE OR REPLACE FUNCTION work_channel() RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT 'pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24)
$$;

CREATE OR REPLACE FUNCTION notify_workers() RETURNS void LANGUAGE sql SET search_path FROM CURRENT AS $$
  SELECT pg_notify(work_channel(), 'align')
$$;

CREATE OR REPLACE FUNCTION first_rank(task_priority integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT - task_priority * 2000000
$$;

CREATE OR REPLACE FUNCTION last_rank(task_priority integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT - task_priority * 2000000 + 1999999
$$;

-- The rank of tasks that wait for their time.
CREATE OR REPLACE FUNCTION later_rank() RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT 2147483647
$$;

CREATE OR REPLACE FUNCTION priority_of_rank(rank bigint) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT - floor(rank / 2000000.0)::integer
$$;

-- The front of the queue. While any transaction is open, the server keeps the index entries of jobs that were claimed
-- since it began. A search from the smallest rank reads all of them, so each claim would be slower than the one before.
-- So a chore notes the first rank at which a job waits (find_queue_front), and claims start there (queue_front). A
-- session that queues a job with a smaller rank counts a change (announce_waiting); then the noted rank is not used until
-- the next note.
--
-- No job is missed: a session that queues jobs holds a lock on the table queue_front until it commits. find_queue_front
-- notes the rank only while no session holds that lock. So it sees all jobs that were queued before, and a session that
-- queues jobs later compares them with the note. The lock is on the table, and the right to run these functions is
-- limited (see the end of this file), so that a login without rights cannot block them.
CREATE OR REPLACE FUNCTION announce_waiting(smallest_rank bigint) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  LOCK TABLE queue_front IN ROW SHARE MODE;
  -- With other isolation levels the rank that is read may be older than the lock.
  IF current_setting('transaction_isolation') <> 'read committed'
    OR smallest_rank < (SELECT first_rank FROM queue_front WHERE only_row) THEN
    PERFORM nextval('queue_front_changes');
  END IF;
END $$;

-- Several instances call it. It writes at most once in "pause_sec" seconds, because each write leaves a dead version of
-- the row. A note that could not be renewed for a minute is not used any more: jobs that were inserted without the
-- triggers would never be found.
CREATE OR REPLACE FUNCTION find_queue_front(pause_sec double precision DEFAULT 3) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  age_sec double precision := (SELECT extract(epoch FROM clock_timestamp() - noted_at) FROM queue_front WHERE only_row);
  now_first bigint;
  now_changes bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' OR age_sec >= 0 AND age_sec < pause_sec THEN
    RETURN;
  END IF;
  BEGIN
    LOCK TABLE queue_front IN EXCLUSIVE MODE NOWAIT;
  EXCEPTION WHEN lock_not_available THEN
    IF age_sec < 0 OR age_sec > 60 THEN
      PERFORM nextval('queue_front_changes');
    END IF;
    RETURN;
  END;
  SELECT last_value INTO now_changes FROM queue_front_changes;
  -- One less, because a user without waiting tasks may get the rank before the first.
  now_first := (SELECT -priority::bigint - 1 FROM pgboss.job WHERE name = 'align' AND state < 'active' AND NOT blocked
                ORDER BY priority DESC LIMIT 1);
  -- If nothing waits, a number after all ranks: each job that is queued counts a change.
  now_first := coalesce(now_first, 2147483648);
  UPDATE queue_front SET first_rank = now_first, changes = now_changes, running = ARRAY(SELECT id FROM running_jobs()),
    noted_at = clock_timestamp() WHERE only_row;
END $$;

-- The smallest rank at which a job may wait.
CREATE OR REPLACE FUNCTION queue_front() RETURNS bigint LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT coalesce((SELECT first_rank FROM queue_front
                   WHERE only_row AND changes = (SELECT last_value FROM queue_front_changes)), -2147483648)
$$;

-- The running jobs, with their ranks. The index also keeps the entries of jobs that have ended while any transaction is
-- open. So find_queue_front notes the running jobs beside the first rank: a job that runs now was running then, or its
-- rank is not before the noted one. There are at most as many as slots.
CREATE OR REPLACE FUNCTION running_jobs() RETURNS TABLE (id uuid, rank bigint, user_uuid text, engine text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  noted queue_front := (
    SELECT queue_front FROM queue_front
    WHERE only_row AND running IS NOT NULL AND changes = (SELECT last_value FROM queue_front_changes));
  ran uuid[] := coalesce(noted.running, '{}');
BEGIN
  IF ran <> '{}' THEN
    RETURN QUERY
    SELECT job.id, -job.priority::bigint, job.data ->> 'user', coalesce(job.group_id, '') FROM pgboss.job AS job
    WHERE job.id = ANY (ran) AND job.state::text = 'active';
  END IF;
  RETURN QUERY
  SELECT job.id, -job.priority::bigint, job.data ->> 'user', coalesce(job.group_id, '') FROM pgboss.job AS job
  WHERE job.name = 'align' AND job.state = 'active' AND -job.priority::bigint >= coalesce(noted.first_rank, -2147483648)
    AND job.id <> ALL (ran)
  ORDER BY -job.priority::bigint;
END $$;

-- The ranks for tasks that are being queued. A task that had a job before, with the same priority, keeps its rank. The
-- index is read once for each user and once for each engine; the ranks of further rows are counted from there.
DROP FUNCTION IF EXISTS find_ranks(task_to_queue[]);
CREATE FUNCTION find_ranks(queued task_to_queue[])
  RETURNS TABLE (id bigint, job_id uuid, user_uuid text, engine text, rank integer) LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
  front bigint := queue_front();
BEGIN
  RETURN QUERY
  WITH changed AS MATERIALIZED (
    SELECT id, job_id, user_uuid, priority, coalesce(engine, '') AS engine,
           CASE WHEN former_job_id IS NOT NULL THEN
             (SELECT -job.priority::bigint FROM pgboss.job AS job
              WHERE job.id = former_job_id
                AND -job.priority::bigint BETWEEN first_rank(one.priority) AND last_rank(one.priority)) END AS kept
    FROM unnest(queued) AS one
  ), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY user_uuid, priority ORDER BY id)::integer AS nth
    FROM changed WHERE kept IS NULL
  ), running AS MATERIALIZED (
    SELECT its.*, priority_of_rank(its.rank) AS priority FROM running_jobs() AS its
  ), users AS MATERIALIZED (
    SELECT its.user_uuid, its.priority, at_work.user_uuid IS NOT NULL AS is_at_work,
           (SELECT -job.priority::bigint FROM pgboss.job AS job
            WHERE job.name = 'align' AND job.state < 'active' AND job.data ->> 'user' = its.user_uuid
              AND -job.priority::bigint BETWEEN greatest(front, first_rank(its.priority)) AND last_rank(its.priority)
            ORDER BY job.data ->> 'user' DESC, -job.priority::bigint DESC LIMIT 1) - first_rank(its.priority) + 1 AS last_turn
    FROM (SELECT DISTINCT user_uuid, priority FROM numbered) AS its
      LEFT JOIN (SELECT DISTINCT user_uuid, priority FROM running) AS at_work USING (user_uuid, priority)
  ), heads AS (
    SELECT its.engine, its.priority,
           (SELECT -job.priority::bigint FROM pgboss.job AS job
            WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND coalesce(job.group_id, '') = its.engine
              AND -job.priority::bigint BETWEEN greatest(front, first_rank(its.priority)) AND last_rank(its.priority)
            ORDER BY coalesce(job.group_id, ''), -job.priority::bigint LIMIT 1) - first_rank(its.priority) + 1 AS first_turn,
           -- Each engine has its own served turn: some workers run only one engine, so engines progress at different
           -- speeds.
           coalesce(of_engine.last, of_all.last) - first_rank(its.priority) + 1 AS running_turn
    FROM (SELECT DISTINCT engine, priority FROM numbered) AS its
      LEFT JOIN (SELECT engine, priority, max(rank) AS last FROM running GROUP BY engine, priority) AS of_engine
        USING (engine, priority)
      LEFT JOIN (SELECT priority, max(rank) AS last FROM running GROUP BY priority) AS of_all USING (priority)
  ), engines AS MATERIALIZED (
    SELECT engine, priority, first_turn, coalesce(running_turn, ((first_turn - 1) | 1) - 1, 0) & ~1 AS served FROM heads
  ), started AS (
    SELECT numbered.*, engines.served,
           CASE WHEN last_turn IS NOT NULL THEN greatest((last_turn + 2) & ~1, served + 2)
                WHEN is_at_work THEN served + 2
                ELSE least(served + 1, (first_turn - 1) | 1) END AS own_first
    FROM numbered JOIN users USING (user_uuid, priority) JOIN engines USING (engine, priority)
  ), turns AS (
    -- The turn of the nth task is two more than the turn before it, and at least served + 2.
    SELECT id, job_id, user_uuid, engine, priority,
           CASE WHEN nth = 1 THEN own_first
                ELSE 2 * nth + max(CASE WHEN nth = 1 THEN (own_first & ~1) - 2 ELSE served + 2 - 2 * nth END)
                  OVER (PARTITION BY user_uuid, priority ORDER BY nth) END AS turn
    FROM started
  )
  -- Tasks after the last turn share its rank, and so go by age.
  SELECT id, job_id, user_uuid, nullif(engine, ''), (first_rank(priority) + least(1999999, turn - 1))::integer FROM turns
  UNION ALL
  SELECT id, job_id, user_uuid, nullif(engine, ''), kept::integer FROM changed WHERE kept IS NOT NULL;
END $$;

-- Whether at most this number of tasks of a user wait. It reads at most one index entry more than this number. The
-- turns cannot be used for counting: sessions that add tasks at the same time may give the same turn twice.
CREATE OR REPLACE FUNCTION has_room(whose text, most integer) RETURNS boolean LANGUAGE plpgsql STABLE
  SET search_path FROM CURRENT AS $$
DECLARE
  front bigint := queue_front();
BEGIN
  RETURN most >= 0 AND (SELECT count(*) FROM (
    SELECT FROM pgboss.job WHERE name = 'align' AND state < 'active' AND data ->> 'user' = whose
      AND -priority::bigint >= least(front, later_rank())
    ORDER BY data ->> 'user', -priority::bigint LIMIT most + 1) AS its_own) <= most;
END $$;

-- Refuses new tasks of users who have too many open ones. Only for tasks that are new to the queue, not for those that a
-- worker hands back. Called before the new tasks have jobs.
CREATE OR REPLACE FUNCTION limit_open_tasks(queued task_to_queue[]) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  allowed integer := (SELECT user_open_tasks FROM limits WHERE only_row);
  refused text;
BEGIN
  -- One statement, so one snapshot: a job that is claimed meanwhile counts once, as waiting or as running.
  SELECT user_uuid INTO refused
  FROM (SELECT user_uuid, count(*) AS tasks FROM unnest(queued) GROUP BY user_uuid) AS added
    LEFT JOIN (SELECT user_uuid, count(*) AS tasks FROM running_jobs() GROUP BY user_uuid) AS running USING (user_uuid)
  WHERE NOT has_room(user_uuid, (allowed - added.tasks - coalesce(running.tasks, 0))::integer) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'user % has % tasks that wait or run: no more are allowed at the same time', refused, allowed
      USING ERRCODE = 'check_violation', CONSTRAINT = 'user_open_tasks_limited', TABLE = 'tasks',
            HINT = 'Wait until some have ended, or raise limits.user_open_tasks.';
  END IF;
END $$;

-- Jobs never expire by age (315360000 s are ten years): a task may run for days, and its holder renews the lease.
CREATE OR REPLACE FUNCTION queue_tasks(queued task_to_queue[]) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  queue record;
  smallest bigint;
BEGIN
  SELECT * INTO queue FROM pgboss.queue WHERE name = 'align';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the queue align does not exist, task % cannot be queued',
      (SELECT task_id FROM tasks WHERE id = queued[1].id) USING HINT = 'Run "make migrate".';
  END IF;
  WITH made AS (
    INSERT INTO pgboss.job (id, name, data, priority, group_id, start_after, keep_until, expire_seconds,
                            deletion_seconds, retry_limit, retry_delay, retry_backoff, retry_delay_max, policy,
                            dead_letter, heartbeat_seconds, blocked)
    SELECT job_id, queue.name, jsonb_build_object('id', task.id, 'user', task.user_uuid), - task.rank, task.engine,
           coalesce(task.later, now()), coalesce(task.later, now()) + queue.retention_seconds * interval '1 second',
           greatest(queue.expire_seconds, 315360000),
           queue.deletion_seconds, queue.retry_limit, queue.retry_delay, queue.retry_backoff, queue.retry_delay_max,
           queue.policy, queue.dead_letter, queue.heartbeat_seconds, task.later IS NOT NULL
    FROM (SELECT *, NULL::timestamptz AS later
          FROM find_ranks(ARRAY(SELECT one FROM unnest(queued) AS one WHERE (one.not_before > now()) IS NOT TRUE))
          UNION ALL
          SELECT one.id, one.job_id, one.user_uuid, one.engine, later_rank(), one.not_before
          FROM unnest(queued) AS one WHERE one.not_before > now()) AS task
    RETURNING -priority::bigint AS rank
  )
  SELECT min(rank) INTO smallest FROM made;
  PERFORM announce_waiting(smallest);
  PERFORM notify_workers();
END $$;

-- Cancels the jobs that still wait or run, and tells instances which running tasks are meant. Above a hundred tasks, one
-- notification stands for all of them, because each notification goes to each instance.
CREATE OR REPLACE FUNCTION withdraw_jobs(withdrawn uuid[], running bigint[]) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
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

-- Gives waiting tasks a new place after their priority or time has changed. In a loop: for a join, the planner may choose
-- to read all jobs of the queue.
CREATE OR REPLACE FUNCTION move_jobs(moved task_to_queue[]) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  its record;
  smallest bigint;
BEGIN
  FOR its IN SELECT job_id, not_before FROM unnest(moved) WHERE not_before > now() LOOP
    UPDATE pgboss.job SET priority = - later_rank(), blocked = true,
      start_after = CASE WHEN blocked THEN its.not_before ELSE greatest(start_after, its.not_before) END
    WHERE id = its.job_id AND state::text IN ('created', 'retry');
  END LOOP;
  FOR its IN
    SELECT job_id, rank
    FROM find_ranks(ARRAY(SELECT one FROM unnest(moved) AS one WHERE (one.not_before > now()) IS NOT TRUE))
  LOOP
    UPDATE pgboss.job SET priority = - its.rank, blocked = false,
      start_after = CASE WHEN blocked THEN least(start_after, now()) ELSE start_after END
    WHERE id = its.job_id AND state::text IN ('created', 'retry');
    smallest := least(smallest, its.rank);
  END LOOP;
  IF smallest IS NOT NULL THEN
    PERFORM announce_waiting(smallest);
    PERFORM notify_workers();
  END IF;
END $$;

-- Gives turns to tasks whose time has come: ten thousand in one call, the rest in the next sweep.
CREATE OR REPLACE FUNCTION release_due_jobs() RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  at_once CONSTANT integer := 10000;
  one uuid;
  its record;
  due task_to_queue[] := '{}';
BEGIN
  FOR one IN
    SELECT id FROM (
      (SELECT id, start_after FROM pgboss.job
       WHERE name = 'align' AND state = 'created' AND blocked AND start_after <= now()
       ORDER BY state, blocked, start_after LIMIT at_once)
      UNION ALL
      (SELECT id, start_after FROM pgboss.job
       WHERE name = 'align' AND state = 'retry' AND blocked AND start_after <= now()
       ORDER BY state, blocked, start_after LIMIT at_once)) AS waiting
  LOOP
    SELECT tasks.id, user_uuid, tasks.priority, engine, not_before INTO its
    FROM pgboss.job AS job JOIN tasks ON tasks.id = task_of_job(job.data)
    WHERE job.id = one AND job.state::text IN ('created', 'retry') AND job.blocked FOR UPDATE OF job SKIP LOCKED;
    IF FOUND THEN
      due := due || ROW(its.id, one, NULL, its.user_uuid, its.priority, its.engine, its.not_before)::task_to_queue;
    END IF;
  END LOOP;
  IF cardinality(due) > 0 THEN
    PERFORM move_jobs(due);
  END IF;
END $$;

-- Engines with waiting jobs, in the order of their first jobs. Reads two index entries for each engine.
CREATE OR REPLACE FUNCTION find_waiting_engines(without_engines text[]) RETURNS SETOF text LANGUAGE sql STABLE
  SET search_path FROM CURRENT AS $$
  WITH RECURSIVE waiting (engine) AS (
    (SELECT coalesce(group_id, '') FROM pgboss.job
     WHERE name = 'align' AND state < 'active' AND NOT blocked AND -priority::bigint >= (SELECT queue_front())
     ORDER BY coalesce(group_id, '') LIMIT 1)
    UNION ALL
    SELECT (SELECT coalesce(group_id, '') FROM pgboss.job
            WHERE name = 'align' AND state < 'active' AND NOT blocked AND coalesce(group_id, '') > waiting.engine
              AND -priority::bigint >= (SELECT queue_front())
            ORDER BY coalesce(group_id, '') LIMIT 1)
    FROM waiting WHERE waiting.engine IS NOT NULL
  )
  SELECT engine
  FROM waiting CROSS JOIN LATERAL (
    SELECT priority, created_on FROM pgboss.job
    WHERE name = 'align' AND state < 'active' AND NOT blocked AND start_after <= now() AND coalesce(group_id, '') = engine
      AND -priority::bigint >= (SELECT queue_front())
    ORDER BY -priority::bigint, created_on LIMIT 1) AS first
  WHERE engine IS NOT NULL AND engine <> ALL (without_engines)
  ORDER BY first.priority DESC, first.created_on
$$;

-- Finds and locks the next job for a claim, in pg-boss's order: priority, then age. One statement locks row and job, and
-- skips what another session has locked, so that a row that is locked in psql delays no other task. The row is locked
-- before the job: nothing is written for a job whose row is locked. If some engines are left out, the others are searched
-- one by one, in the order of their first jobs. Engines that operators have paused (table pauses) are left out, too.
DROP FUNCTION IF EXISTS find_next_job(text[]);
CREATE OR REPLACE FUNCTION find_next_job(without_engines text[], for_instance text DEFAULT NULL) RETURNS uuid
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  front bigint := queue_front();
  found uuid;
  one text;
  job_id uuid;
  job_data jsonb;
BEGIN
  IF EXISTS (SELECT FROM pauses WHERE engine IS NULL AND (instance IS NULL OR instance = for_instance)) THEN
    RETURN NULL;
  END IF;
  without_engines := without_engines
    || ARRAY(SELECT engine FROM pauses WHERE engine IS NOT NULL AND (instance IS NULL OR instance = for_instance));
  IF without_engines = '{}' THEN
    SELECT job.id INTO found
    FROM tasks JOIN pgboss.job ON tasks.id = task_of_job(job.data)
    WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
      AND job.priority <= least(2147483647, -front)::integer
    ORDER BY job.priority DESC, job.created_on
    LIMIT 1 FOR UPDATE SKIP LOCKED;
  ELSE
    FOR one IN SELECT * FROM find_waiting_engines(without_engines) LOOP
      SELECT job.id INTO found
      FROM tasks JOIN pgboss.job ON tasks.id = task_of_job(job.data)
      WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
        AND coalesce(job.group_id, '') = one AND -job.priority::bigint >= front
      ORDER BY -job.priority::bigint, job.created_on
      LIMIT 1 FOR UPDATE SKIP LOCKED;
      EXIT WHEN found IS NOT NULL;
    END LOOP;
  END IF;
  IF found IS NULL THEN
    -- Look for a job whose row is gone; the claim then ends that job. Only the first hundred of each engine are read,
    -- since other sessions may have locked all rows. In a loop: a join may read the whole queue for each job.
    FOR job_id, job_data IN
      SELECT first.id, first.data
      FROM find_waiting_engines(without_engines) AS engine CROSS JOIN LATERAL (
        SELECT id, data FROM pgboss.job
        WHERE name = 'align' AND state < 'active' AND NOT blocked AND start_after <= now() AND coalesce(group_id, '') = engine
          AND -priority::bigint >= front
        ORDER BY -priority::bigint, created_on LIMIT 100) AS first
    LOOP
      IF NOT EXISTS (SELECT FROM tasks WHERE id = task_of_job(job_data)) THEN
        SELECT id INTO found FROM pgboss.job
        WHERE id = job_id AND state::text IN ('created', 'retry') FOR UPDATE SKIP LOCKED;
        EXIT WHEN found IS NOT NULL;
      END IF;
    END LOOP;
  END IF;
  RETURN found;
END $$;

-- The attempts that still run according to row and job. Their number n is their place in the arrays, from 1.
CREATE OR REPLACE FUNCTION find_running_attempts(
  job_ids uuid[], retry_counts integer[], task_ids bigint[], fences integer[], claims text[])
  RETURNS TABLE (n integer, job_id uuid, retry_count integer) LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT asked.n::integer, asked.job_id, asked.retry_count
  FROM unnest(job_ids, retry_counts, task_ids, fences, claims) WITH ORDINALITY
      AS asked (job_id, retry_count, task, fence, claim, n)
    JOIN tasks ON tasks.id = asked.task AND tasks.fence = asked.fence AND tasks.claim = asked.claim
      AND tasks.job_id = asked.job_id AND tasks.task_status || '' = 'processing'
    JOIN pgboss.job AS job ON job.id = asked.job_id AND job.retry_count = asked.retry_count AND job.state::text = 'active'
$$;

-- Renews the leases of the attempts that still run. A job that another session has locked is skipped: while we waited for
-- it, all other leases could run out.
CREATE OR REPLACE FUNCTION renew_leases(
  job_ids uuid[], retry_counts integer[], task_ids bigint[], fences integer[], claims text[])
  RETURNS TABLE (n integer, is_renewed boolean) LANGUAGE sql SET search_path FROM CURRENT AS $$
  WITH running AS MATERIALIZED (
    SELECT * FROM find_running_attempts(job_ids, retry_counts, task_ids, fences, claims)
  ), free AS (
    SELECT job.id FROM running
      JOIN pgboss.job ON job.id = running.job_id AND job.retry_count = running.retry_count AND job.state::text = 'active'
    FOR UPDATE OF job SKIP LOCKED
  ), renewed AS (
    UPDATE pgboss.job SET heartbeat_on = now() FROM free WHERE job.id = free.id
    RETURNING job.id
  )
  SELECT running.n, running.job_id IN (SELECT id FROM renewed) FROM running
$$;

-- Puts the jobs of silent holders back into the queue, gives turns to tasks whose time has come, and wakes a worker when
-- a retry is due: no notification announces that.
--
-- A task whose workers go silent again and again, without proof that the task kills them, does not fail for this reason.
-- But it must not occupy a slot all the time. So from the second time it waits, twice as long each time, at most ten
-- minutes.
CREATE OR REPLACE FUNCTION sweep_jobs() RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  returned integer := 0;
  silent record;
  delay_sec integer;
  smallest bigint;
BEGIN
  FOR silent IN
    SELECT job.id, -job.priority::bigint AS rank, task_of_job(job.data) AS task FROM pgboss.job
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
    smallest := least(smallest, silent.rank);
    IF delay_sec > 0 THEN
      -- A locked row is skipped, which avoids a deadlock: the session that holds it may wait for the job. Only a note
      -- for people is lost.
      UPDATE tasks SET status_note = format('instance %s went silent; taken over %s times before, not known to crash its '
        'worker so often: it is tried again %s s later', left(instance, 8), takeovers, delay_sec)
      WHERE id = (SELECT id FROM tasks WHERE id = silent.task AND task_status || '' = 'processing' FOR UPDATE SKIP LOCKED);
    END IF;
  END LOOP;
  IF returned > 0 THEN
    PERFORM announce_waiting(smallest);
  END IF;
  PERFORM release_due_jobs();
  PERFORM notify_workers() FROM (
    SELECT FROM pgboss.job WHERE name = 'align' AND state = 'retry' AND NOT blocked AND start_after <= now()
    ORDER BY state, blocked, start_after LIMIT 1) AS due;
  RETURN returned;
END $$;

-- Ended jobs are kept for a week, so that an operator can look at them.
CREATE OR REPLACE FUNCTION forget_old_jobs() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
  DELETE FROM pgboss.job WHERE id = ANY (ARRAY(
    SELECT id FROM pgboss.job WHERE name = 'align' AND completed_on < now() - interval '7 days'
    ORDER BY completed_on LIMIT 10000))
$$;

CREATE OR REPLACE FUNCTION is_job_waiting(job_id uuid) RETURNS boolean LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT EXISTS (SELECT FROM pgboss.job WHERE id = job_id AND state::text IN ('created', 'retry'))
$$;

CREATE OR REPLACE FUNCTION has_job(job_id uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT EXISTS (SELECT FROM pgboss.job WHERE id = job_id AND state::text IN ('created', 'retry', 'active'))
$$;

-- How many tasks are ahead of each of the given waiting tasks. It stops counting at ten thousand, since an exact number
-- helps no reader there. The queue is read once, up to the last of the given tasks.
CREATE OR REPLACE FUNCTION find_queue_places(task_ids text[])
  RETURNS TABLE (task_id text, ahead integer, delay_sec double precision) LANGUAGE plpgsql STABLE
  SET search_path FROM CURRENT AS $$
DECLARE
  at_most CONSTANT integer := 10000;
BEGIN
  RETURN QUERY
  WITH wanted AS MATERIALIZED (
    SELECT tasks.task_id, job.priority, job.created_on, job.start_after
    FROM tasks JOIN pgboss.job AS job ON job.id = tasks.job_id AND job.state::text IN ('created', 'retry')
    WHERE tasks.task_id = ANY (task_ids) AND tasks.task_status || '' = 'uploaded'
  ), front AS MATERIALIZED (
    SELECT job.priority, job.created_on FROM pgboss.job AS job
    WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
      AND job.priority >= (SELECT min(wanted.priority) FROM wanted)
    ORDER BY job.name, job.priority DESC, job.created_on LIMIT at_most
  ), placed AS (
    SELECT both_kinds.task_id, both_kinds.start_after,
           count(*) FILTER (WHERE both_kinds.task_id IS NULL) OVER (
             ORDER BY both_kinds.priority DESC, both_kinds.created_on
             GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ahead
    FROM (SELECT wanted.task_id, wanted.start_after, wanted.priority, wanted.created_on FROM wanted
          UNION ALL SELECT NULL, NULL, front.priority, front.created_on FROM front) AS both_kinds
  )
  SELECT placed.task_id, placed.ahead::integer,
         greatest(0, extract(epoch FROM placed.start_after - now()))::double precision
  FROM placed WHERE placed.task_id IS NOT NULL;
END $$;

-- Reads jobs only: with a join to tasks, a server without statistics read the whole queue for each row.
CREATE OR REPLACE VIEW queue_depth AS
  SELECT group_id AS engine,
         count(*) FILTER (WHERE NOT blocked AND start_after <= now()) AS ready,
         count(*) FILTER (WHERE NOT blocked AND start_after > now()) AS delayed,
         min(start_after) FILTER (WHERE NOT blocked) AS oldest,
         greatest(0, round(extract(epoch FROM now() - min(start_after) FILTER (WHERE NOT blocked)))) AS oldest_waits_sec,
         count(*) FILTER (WHERE blocked) AS later,
         min(start_after) FILTER (WHERE blocked) AS next_later
  FROM pgboss.job WHERE name = 'align' AND state < 'active'
  GROUP BY group_id ORDER BY group_id;

-- Tasks that are in processing although the lease of their holder has run out, or their job is gone.
CREATE OR REPLACE VIEW stuck_tasks AS
  SELECT tasks.task_id, tasks.user_uuid, tasks.lang, tasks.stage, tasks.fence, tasks.instance,
         job.state AS job_state, job.heartbeat_on AS last_sign_of_life, tasks.updated_at
  FROM tasks LEFT JOIN pgboss.job AS job ON job.name = 'align' AND job.id = tasks.job_id
  WHERE tasks.task_status = 'processing'
    AND (job.state IS DISTINCT FROM 'active'
         OR job.heartbeat_on < now() - job.heartbeat_seconds * interval '1 second')
  ORDER BY tasks.updated_at;

-- Limits the plans that the functions may get. One plan must serve any number of rows.
DO $$
DECLARE
  -- Each reads a few entries of one index.
  finds CONSTANT regprocedure[] := ARRAY[
    'find_queue_front(double precision)', 'queue_front()', 'running_jobs()', 'has_room(text, integer)',
    'withdraw_jobs(uuid[], bigint[])', 'move_jobs(task_to_queue[])', 'release_due_jobs()',
    'find_waiting_engines(text[])', 'find_next_job(text[], text)', 'sweep_jobs()', 'forget_old_jobs()', 'has_job(uuid)',
    'is_job_waiting(uuid)', 'find_queue_places(text[])',
    'find_running_attempts(uuid[], integer[], bigint[], integer[], text[])',
    'renew_leases(uuid[], integer[], bigint[], integer[], text[])'];
  -- These join the rows of a statement with each other. Nested loops would take quadratic time.
  joins CONSTANT regprocedure[] := ARRAY[
    'find_ranks(task_to_queue[])', 'limit_open_tasks(task_to_queue[])', 'queue_tasks(task_to_queue[])'];
  routine regprocedure;
  method text;
BEGIN
  FOREACH routine IN ARRAY finds || joins LOOP
    EXECUTE format('ALTER FUNCTION %s SET plan_cache_mode = force_generic_plan', routine);
    EXECUTE format('ALTER FUNCTION %s SET jit = off', routine);
    FOREACH method IN ARRAY CASE WHEN routine = ANY (joins)
      THEN '{seqscan,bitmapscan,sort,nestloop,mergejoin}'
      ELSE '{seqscan,bitmapscan,sort,incremental_sort,hashjoin,mergejoin,material}' END::text[]
    LOOP
      EXECUTE format('ALTER FUNCTION %s SET enable_%s = off', routine, method);
    END LOOP;
  END LOOP;
END $$;

-- Functions that run with the rights of their owner must not be open to each login. Triggers can call them without a
-- grant. The role of workers is made by scripts/sql/roles.sql.
DO $$
DECLARE
  routine regprocedure;
BEGIN
  FOREACH routine IN ARRAY ARRAY[
    'announce_waiting(bigint)', 'find_queue_front(double precision)', 'queue_front()', 'running_jobs()',
    'find_ranks(task_to_queue[])', 'limit_open_tasks(task_to_queue[])', 'queue_tasks(task_to_queue[])',
    'withdraw_jobs(uuid[], bigint[])', 'move_jobs(task_to_queue[])', 'release_due_jobs()', 'sweep_jobs()', 'forget_old_jobs()',
    'is_job_waiting(uuid)', 'has_job(uuid)']::regprocedure[]
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', routine);
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'autophon_worker') THEN
    GRANT EXECUTE ON FUNCTION announce_waiting(bigint), find_queue_front(double precision), queue_front(), sweep_jobs(),
      forget_old_jobs() TO autophon_worker;
  END IF;
END $$;
