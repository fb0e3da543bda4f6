-- How long tasks will take, learned from those that were completed: seconds of work for each second of audio, by engine,
-- language and length. A short task has a larger share of what each task costs, so lengths are told apart by their power of two.
-- Works with programs that have 0024 or later.

-- lang '' is all languages of the engine; length_class null is all lengths.
CREATE TABLE learned_times (
  engine               text NOT NULL,
  lang                 text NOT NULL,
  length_class         integer,
  tasks                integer NOT NULL,
  run_sec              double precision NOT NULL,
  audio_sec            double precision NOT NULL,
  audio_sec_per_mb     double precision,
  sec_per_audio_sec    double precision NOT NULL,
  sec_per_audio_sec_90 double precision NOT NULL,
  learned_at           timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX learned_once ON learned_times (engine, lang, coalesce(length_class, -1));

COMMENT ON TABLE learned_times IS 'What tasks have taken, for the time that is left. Written by a chore.';
COMMENT ON COLUMN learned_times.lang IS 'Empty: all languages of the engine.';
COMMENT ON COLUMN learned_times.length_class IS 'Length of the audio as a power of two of seconds; empty: any length.';
COMMENT ON COLUMN learned_times.tasks IS 'How many tasks it was learned from.';
COMMENT ON COLUMN learned_times.run_sec IS 'Mean time of a task, from its claim to its end.';
COMMENT ON COLUMN learned_times.audio_sec IS 'Median length of the audio.';
COMMENT ON COLUMN learned_times.sec_per_audio_sec IS 'Median of the seconds of work for each second of audio.';
COMMENT ON COLUMN learned_times.sec_per_audio_sec_90 IS 'Nine of ten tasks took less.';

CREATE FUNCTION length_class(audio_sec double precision) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT greatest(0, round(log(2, greatest(1, audio_sec)::numeric)))::integer
$$;

-- From the last tasks alone: machines, models and settings change. What no new task tells about is kept for 90 days.
CREATE FUNCTION learn_times() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  last_tasks CONSTANT integer := 2000;
BEGIN
  INSERT INTO learned_times AS known (engine, lang, length_class, tasks, run_sec, audio_sec, audio_sec_per_mb,
                                      sec_per_audio_sec, sec_per_audio_sec_90)
  SELECT engine, coalesce(lang, ''), class, count(*), avg(run_sec),
         percentile_cont(0.5) WITHIN GROUP (ORDER BY audio_sec),
         percentile_cont(0.5) WITHIN GROUP (ORDER BY audio_sec / nullif(size_bytes, 0) * 1000000),
         percentile_cont(0.5) WITHIN GROUP (ORDER BY run_sec / audio_sec),
         percentile_cont(0.9) WITHIN GROUP (ORDER BY run_sec / audio_sec)
  FROM (
    SELECT done.engine, done.lang, length_class(done.audio_seconds) AS class, done.audio_seconds AS audio_sec, done.size_bytes,
           stages.run_sec
    FROM (SELECT id, fence, engine, lang, audio_seconds, size_bytes FROM tasks
          WHERE task_status = 'completed' ORDER BY finished_at DESC LIMIT last_tasks) AS done
      CROSS JOIN LATERAL (
        SELECT sum(seconds) AS run_sec FROM task_stages
        WHERE task = done.id AND task_stages.fence = done.fence AND stage <> 'cleanup' AND outcome = 'done') AS stages
    WHERE done.engine IS NOT NULL AND done.lang IS NOT NULL AND done.audio_seconds > 0 AND stages.run_sec > 0
  ) AS history
  GROUP BY GROUPING SETS ((engine, lang, class), (engine, lang), (engine))
  -- Fewer tell too little; without a class they are all that there is.
  HAVING grouping(class) = 1 OR count(*) >= 3
  ON CONFLICT (engine, lang, coalesce(length_class, -1)) DO UPDATE SET
    tasks = excluded.tasks, run_sec = excluded.run_sec, audio_sec = excluded.audio_sec,
    audio_sec_per_mb = excluded.audio_sec_per_mb, sec_per_audio_sec = excluded.sec_per_audio_sec,
    sec_per_audio_sec_90 = excluded.sec_per_audio_sec_90, learned_at = now();
  DELETE FROM learned_times WHERE learned_at < now() - interval '90 days';
END $$;

-- How long a task will run. Its audio is known when it was prepared once; before that the size of its files tells it, and
-- without these it is taken for one as others of its language.
CREATE FUNCTION expected_run(its_engine text, its_lang text, its_audio_sec double precision, its_bytes bigint)
  RETURNS TABLE (run_sec double precision, run_90_sec double precision) LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  WITH usual AS (
    SELECT audio_sec, audio_sec_per_mb FROM learned_times
    WHERE engine = its_engine AND lang IN (its_lang, '') AND length_class IS NULL ORDER BY lang DESC LIMIT 1
  ), known AS (
    SELECT coalesce(its_audio_sec, its_bytes / 1000000.0 * audio_sec_per_mb, audio_sec) AS audio_sec FROM usual
  )
  SELECT known.audio_sec * sec_per_audio_sec, known.audio_sec * sec_per_audio_sec_90
  FROM known CROSS JOIN LATERAL (
    SELECT sec_per_audio_sec, sec_per_audio_sec_90 FROM learned_times
    WHERE engine = its_engine AND lang IN (its_lang, '')
      AND (length_class IS NULL OR lang <> '' AND length_class = length_class(known.audio_sec))
    ORDER BY lang DESC, length_class NULLS LAST LIMIT 1) AS fitting
$$;

-- How long a running task goes on: what is learned counts, and the further it is the more its own progress. At first that tells
-- little: some engines say nothing until they end. A task that takes longer than expected is taken to need a fifth of its time
-- more.
CREATE FUNCTION run_left(share double precision, elapsed_sec double precision, run_sec double precision)
  RETURNS double precision LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN share >= 1 THEN 0
    WHEN share < 0.05 OR elapsed_sec < 1 THEN CASE WHEN run_sec > 0 THEN learned END
    WHEN run_sec > 0 THEN (1 - share * share) * learned + share * share * (elapsed_sec / share * (1 - share))
    ELSE elapsed_sec / share * (1 - share) END
  FROM (SELECT greatest(run_sec - elapsed_sec, 0.2 * elapsed_sec) AS learned) AS its
$$;

-- Open tasks: how many are before them, and in how many seconds they begin and end. Null: not known, since no such task was
-- completed yet, or no worker would take it.
CREATE FUNCTION forecast_tasks(task_ids text[])
  RETURNS TABLE (task_id text, ahead integer, delay_sec double precision, start_sec double precision, left_sec double precision,
                 left_90_sec double precision)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
  -- Each looks into an index, as the functions of src/queue/queue.sql.
  SET plan_cache_mode = force_generic_plan SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off
  SET enable_sort = off SET enable_incremental_sort = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET enable_material = off AS $$
BEGIN
  RETURN QUERY
  WITH slots AS MATERIALIZED (
    SELECT engine.key AS engine, sum(active.slots)::double precision AS slots
    FROM active_instances AS active CROSS JOIN LATERAL jsonb_each(active.engines) AS engine
    -- "autophon process" is an instance without slots.
    WHERE active.slots > 0 AND engine.value ->> 'state' = 'ready' AND active.paused IS NULL AND NOT EXISTS (
      SELECT FROM pauses WHERE (pauses.engine IS NULL OR pauses.engine = engine.key)
        AND (pauses.instance IS NULL OR pauses.instance = active.id))
    GROUP BY engine.key
  ), running AS MATERIALIZED (
    SELECT tasks.task_id, tasks.engine,
           run_left(tasks.progress, extract(epoch FROM now() - tasks.started_at)::double precision, run.run_sec) AS left_sec,
           run_left(tasks.progress, extract(epoch FROM now() - tasks.started_at)::double precision, run.run_90_sec) AS left_90_sec
    FROM tasks LEFT JOIN LATERAL expected_run(tasks.engine, tasks.lang, tasks.audio_seconds, tasks.size_bytes) AS run ON true
    WHERE tasks.task_status = 'processing'
  ), busy AS (
    SELECT count(*) AS tasks, coalesce(sum(running.left_sec), 0) AS left_sec FROM running
  ), waiting AS (
    SELECT tasks.task_id, place.ahead, place.delay_sec, run.run_sec, run.run_90_sec,
           CASE WHEN slots.slots IS NULL THEN NULL
                WHEN place.ahead < slots.slots - busy.tasks THEN 0
                -- It begins when the first slot is free; in the others tasks are half done then.
                ELSE greatest(0, busy.left_sec + place.ahead * usual.run_sec - (slots.slots - 1) * usual.run_sec / 2)
                       / slots.slots END AS queue_sec
    FROM find_queue_places(task_ids) AS place JOIN tasks ON tasks.task_id = place.task_id
      CROSS JOIN busy LEFT JOIN slots ON slots.engine = tasks.engine
      LEFT JOIN learned_times AS usual ON usual.engine = tasks.engine AND usual.lang = '' AND usual.length_class IS NULL
      LEFT JOIN LATERAL expected_run(tasks.engine, tasks.lang, tasks.audio_seconds, tasks.size_bytes) AS run ON true
  )
  SELECT waiting.task_id, waiting.ahead, waiting.delay_sec, its.start_sec, its.start_sec + waiting.run_sec,
         its.start_sec + waiting.run_90_sec
  FROM waiting CROSS JOIN LATERAL (
    SELECT CASE WHEN waiting.queue_sec IS NOT NULL THEN greatest(waiting.queue_sec, waiting.delay_sec) END AS start_sec) AS its
  UNION ALL
  SELECT running.task_id, NULL, NULL, NULL, running.left_sec, running.left_90_sec FROM running
  WHERE running.task_id = ANY (task_ids);
END $$;

CREATE OR REPLACE VIEW running_tasks AS
  SELECT tasks.task_id, tasks.user_uuid, tasks.lang, tasks.engine, tasks.stage, round(tasks.progress::numeric, 3) AS progress,
         tasks.instance, instances.host, tasks.fence, tasks.started_at,
         round(extract(epoch FROM now() - tasks.started_at)) AS running_sec,
         round(run_left(tasks.progress, extract(epoch FROM now() - tasks.started_at)::double precision, run.run_sec)) AS left_sec,
         round(run_left(tasks.progress, extract(epoch FROM now() - tasks.started_at)::double precision, run.run_90_sec)) AS left_90_sec
  FROM tasks LEFT JOIN instances ON instances.id = tasks.instance
    LEFT JOIN LATERAL expected_run(tasks.engine, tasks.lang, tasks.audio_seconds, tasks.size_bytes) AS run ON true
  WHERE tasks.task_status = 'processing' ORDER BY tasks.started_at;

REVOKE EXECUTE ON FUNCTION learn_times(), forecast_tasks(text[]) FROM PUBLIC;
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'autophon_worker') THEN
    GRANT EXECUTE ON FUNCTION learn_times(), forecast_tasks(text[]) TO autophon_worker;
  END IF;
END $$;
