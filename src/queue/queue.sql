-- Version 7
-- Works with version 4 or later.
-- (Each change of this file raises the version. A program whose version is below the one in the second line refuses the database.)
--
-- The queue in the database. This file and queue.ts are the only ones that name the tables of pg-boss. "make migrate" runs
-- it after the migrations, whenever its text is not the one that ran last: so each statement can run again.
--
-- The rank of a job is its place in the queue; the smallest goes first. It is pg-boss's priority with the sign changed. A
-- task's own priority has a range of two million ranks, one for each turn:
--
-- Users take turns. A task gets its turn among the tasks of its priority when it is queued, and keeps it. A user who has
-- nothing in the queue gets the odd turn just before the next even one, so that only running tasks are ahead. Further tasks
-- of a user have even turns, one behind the other, and none comes before the turn that is being served: a user who queues
-- many tasks now is not ahead of one who queued many before. Equal turns go by age. Turns begin again at 0 when nothing
-- waits or runs; a task that comes to the end of them waits by age.
--
-- A task that waits for its time (tasks.not_before) has a job that is blocked, with a rank behind all others: claims do not
-- look at it, and it counts for no turn. When its time has come it gets its turn like a task that is queued then.
--
-- All this costs the same behind a long queue as behind a short one, and on a server without statistics, which plans a
-- function for empty tables and keeps that plan. So each question has one index that answers it, and no other index fits:
-- to the planner all are equally good for an empty table. For this the indexes have expressions, (-priority::bigint) and
-- (data ->> 'user'). A job that is found by its id has its state compared as text, which fits no index. And functions
-- switch off the plans that read or sort whole tables: see the end of this file.

CREATE INDEX IF NOT EXISTS job_by_id ON pgboss.job (id);
CREATE INDEX IF NOT EXISTS job_waiting_by_user ON pgboss.job ((data ->> 'user'), (-priority::bigint))
  WHERE name = 'align' AND state < 'active';
CREATE INDEX IF NOT EXISTS job_waiting_by_engine ON pgboss.job (coalesce(group_id, ''), (-priority::bigint), created_on)
  WHERE name = 'align' AND state < 'active' AND NOT blocked;
CREATE INDEX IF NOT EXISTS job_running ON pgboss.job ((-priority::bigint), (data ->> 'user'))
  WHERE name = 'align' AND state = 'active';

-- The task that a job is for; null for a job that somebody made by hand, and that names none.
CREATE OR REPLACE FUNCTION task_of_job(data jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN length(data ->> 'id') <= 18 AND data ->> 'id' ~ '^[0-9]+$' THEN (data ->> 'id')::bigint END
$$;

-- The channel and payload are those of pg-boss itself for the schema pgboss.
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

-- Of tasks that wait for their time.
CREATE OR REPLACE FUNCTION later_rank() RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT 2147483647
$$;

CREATE OR REPLACE FUNCTION priority_of_rank(rank bigint) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT - floor(rank / 2000000.0)::integer
$$;

-- Where the queue begins. While any transaction is open, the server keeps the index entries of jobs that were claimed
-- since: a look from the smallest rank reads all of them, more with each claim. So a chore notes the first rank at which a
-- job waits (find_queue_front), and claims begin there (queue_front). Whoever puts a job before it counts a change
-- (announce_waiting); then the noted rank is not used until the next note. Nothing is missed:
--
-- A session that puts jobs into the queue holds a lock on the table queue_front until it commits. The rank is noted only
-- while nobody holds one, so the one who notes it sees all jobs that came before; who comes after compares with it. The
-- lock is one of the table, and these functions are not for everybody (see the end of this file): what a login without
-- rights does stops nobody.
CREATE OR REPLACE FUNCTION announce_waiting(smallest_rank bigint) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  LOCK TABLE queue_front IN ROW SHARE MODE;
  -- Other isolation levels may see a rank from before the lock.
  IF current_setting('transaction_isolation') <> 'read committed'
    OR smallest_rank < (SELECT first_rank FROM queue_front WHERE only_row) THEN
    PERFORM nextval('queue_front_changes');
  END IF;
END $$;

-- Several instances call it: one note in "pause_sec" is enough, since each leaves a version of the row behind. A note that
-- could not be renewed for a minute is not used any more: a job that came past the triggers would not be found.
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
  -- One less: there a user gets in who has nothing in the queue.
  now_first := (SELECT -priority::bigint - 1 FROM pgboss.job WHERE name = 'align' AND state < 'active' AND NOT blocked
                ORDER BY priority DESC LIMIT 1);
  -- Nothing waits: every rank is before this one.
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

-- The jobs that run, each with its rank. Entries of jobs that ran stay in the index, too, while any transaction is open. So
-- find_queue_front notes the jobs that run beside the first rank: what runs now ran then, or comes after that rank. There
-- are no more of them than slots.
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

-- The ranks of tasks that are to wait. A task that had a job before and keeps its priority keeps its rank. The index is
-- asked once for each user and each engine; the rows of the statement are counted from there.
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
           -- Engines may have workers of their own, and then each comes on at its own pace.
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
    -- The turn of the nth is two more than that of the one before, and at least served + 2.
    SELECT id, job_id, user_uuid, engine, priority,
           CASE WHEN nth = 1 THEN own_first
                ELSE 2 * nth + max(CASE WHEN nth = 1 THEN (own_first & ~1) - 2 ELSE served + 2 - 2 * nth END)
                  OVER (PARTITION BY user_uuid, priority ORDER BY nth) END AS turn
    FROM started
  )
  -- A task that comes to the end of the turns waits by age.
  SELECT id, job_id, user_uuid, nullif(engine, ''), (first_rank(priority) + least(1999999, turn - 1))::integer FROM turns
  UNION ALL
  SELECT id, job_id, user_uuid, nullif(engine, ''), kept::integer FROM changed WHERE kept IS NOT NULL;
END $$;

-- Whether so many tasks of a user wait at most. Reads no more entries of an index than are allowed, whatever waits. Turns
-- do not tell how many there are: sessions that add tasks at the same time may give the same ones.
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

-- A task that a worker hands back was let in before: only users with tasks that are new to the queue are looked at.
-- Called before the new tasks have jobs.
CREATE OR REPLACE FUNCTION limit_open_tasks(queued task_to_queue[]) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  allowed integer := (SELECT user_open_tasks FROM limits WHERE only_row);
  refused text;
BEGIN
  -- One statement, so one view of the queue: a job that is claimed meanwhile counts once, as waiting or as running.
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

-- A job has no age at which it expires: its holder may work for days, and shows that it lives.
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

-- Jobs that still wait or run. The instances that run tasks of them are told, as a hint: beyond a hundred, one hint for
-- all, since each notification goes to each instance.
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

-- Waiting tasks with another priority or another time get their place anew. One after the other: in a join the planner may
-- read all jobs and look for each among those that are moved.
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

-- Tasks whose time has come get their turns. Ten thousand at a time; the next sweep goes on.
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

-- Engines for which something waits, that with the job which comes first at the beginning. Reads two entries of the index
-- for each engine.
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

-- The claim. In pg-boss's order: priority, then age. Row and job are locked in one statement, and what somebody else has
-- locked is skipped in it: a row that a person holds in psql delays no other task. The row is locked first: nothing is
-- written for a job whose row is held. With engines left out, the others are looked through one by one, that with the
-- first job at the beginning. What operators have paused (table pauses) is left out.
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
    -- A job whose row is gone: the claim ends it. Looked for among the first of those that wait, since all of them may
    -- be held by somebody. One by one: a join may be planned as a walk through the queue for each of them.
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

-- Which of these attempts are still running, by the row and by the job; numbered from 1, as they are given.
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

-- Renews the leases of the attempts that are still running. A job that somebody else has locked is left out: to wait for it
-- would cost the leases of all others.
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

-- Gives the jobs of silent holders back, lets tasks in whose time has come, and wakes a worker when something is due that
-- nobody was told of.
--
-- A task that workers lose again and again, without proof that they die of it, is never failed for that; but it must not
-- use up a slot for ever either. From the second time on it waits, twice as long each time, ten minutes at most.
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
      -- Not waited for: who holds the row may wait for the job. The note is for people.
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

-- Jobs that have ended are kept for a week, for people.
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

-- Where waiting tasks stand. Beyond ten thousand, how many are before a task is of no use to anybody, and is not counted.
-- The queue is read once for all of them, as far as the last of them.
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

-- Of jobs alone: joined with tasks, on a server without statistics, it read the whole queue for each of its rows.
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

-- Processing, but nobody has shown a sign of life for it: the holder's lease has run out or its job is gone.
CREATE OR REPLACE VIEW stuck_tasks AS
  SELECT tasks.task_id, tasks.user_uuid, tasks.lang, tasks.stage, tasks.fence, tasks.instance,
         job.state AS job_state, job.heartbeat_on AS last_sign_of_life, tasks.updated_at
  FROM tasks LEFT JOIN pgboss.job AS job ON job.name = 'align' AND job.id = tasks.job_id
  WHERE tasks.task_status = 'processing'
    AND (job.state IS DISTINCT FROM 'active'
         OR job.heartbeat_on < now() - job.heartbeat_seconds * interval '1 second')
  ORDER BY tasks.updated_at;

-- The plans that the functions may have. One plan serves any number of rows.
DO $$
DECLARE
  -- Each looks into an index and stops early.
  finds CONSTANT regprocedure[] := ARRAY[
    'find_queue_front(double precision)', 'queue_front()', 'running_jobs()', 'has_room(text, integer)',
    'withdraw_jobs(uuid[], bigint[])', 'move_jobs(task_to_queue[])', 'release_due_jobs()',
    'find_waiting_engines(text[])', 'find_next_job(text[], text)', 'sweep_jobs()', 'forget_old_jobs()', 'has_job(uuid)',
    'is_job_waiting(uuid)', 'find_queue_places(text[])',
    'find_running_attempts(uuid[], integer[], bigint[], integer[], text[])',
    'renew_leases(uuid[], integer[], bigint[], integer[], text[])'];
  -- These join the rows of a statement with each other. With nested loops many rows would take the square.
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

-- Functions with the rights of their owner are not for everybody who can log in; triggers need no such right. The worker's
-- role is that of scripts/sql/roles.sql.
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
