-- More answers to what operators ask in psql, beside those of 0005. Those about tasks that have ended read the last days only,
-- by the index of the end.
-- Works with programs that have 0024 or later.

CREATE VIEW waiting_by_language AS
  SELECT lang, engine,
         count(*) FILTER (WHERE due <= now()) AS ready, count(*) FILTER (WHERE due > now()) AS later,
         count(DISTINCT user_uuid) AS users,
         round(extract(epoch FROM now() - min(due) FILTER (WHERE due <= now()))) AS oldest_waits_sec
  FROM (SELECT lang, engine, user_uuid, greatest(queued_at, not_before) AS due FROM tasks WHERE task_status = 'uploaded') AS waiting
  GROUP BY lang, engine ORDER BY ready DESC, lang;

CREATE VIEW user_load AS
  WITH open AS (
    SELECT user_uuid, count(*) FILTER (WHERE task_status = 'uploaded' AND due <= now()) AS ready,
           count(*) FILTER (WHERE task_status = 'uploaded' AND due > now()) AS later,
           count(*) FILTER (WHERE task_status = 'processing') AS running,
           round(extract(epoch FROM now() - min(due) FILTER (WHERE task_status = 'uploaded' AND due <= now()))) AS oldest_waits_sec
    FROM (SELECT user_uuid, task_status, greatest(queued_at, not_before) AS due FROM tasks
          WHERE task_status IN ('uploaded', 'processing')) AS its
    GROUP BY user_uuid
  ), ended AS (
    SELECT user_uuid, count(*) FILTER (WHERE task_status = 'completed') AS completed,
           count(*) FILTER (WHERE task_status = 'failed') AS failed,
           sum(audio_seconds) FILTER (WHERE task_status = 'completed') / 3600 AS audio_hours
    FROM tasks WHERE task_status IN ('completed', 'failed') AND finished_at > now() - interval '1 day' GROUP BY user_uuid
  )
  SELECT user_uuid, coalesce(ready, 0) AS ready, coalesce(later, 0) AS later, coalesce(running, 0) AS running,
         oldest_waits_sec, coalesce(completed, 0) AS completed_last_day, coalesce(failed, 0) AS failed_last_day,
         round(coalesce(audio_hours, 0)::numeric, 2) AS audio_hours_last_day
  FROM open FULL JOIN ended USING (user_uuid) ORDER BY ready DESC, running DESC, completed_last_day DESC, user_uuid;

CREATE VIEW running_tasks AS
  SELECT tasks.task_id, tasks.user_uuid, tasks.lang, tasks.engine, tasks.stage, round(tasks.progress::numeric, 3) AS progress,
         tasks.instance, instances.host, tasks.fence, tasks.started_at,
         round(extract(epoch FROM now() - tasks.started_at)) AS running_sec
  FROM tasks LEFT JOIN instances ON instances.id = tasks.instance
  WHERE tasks.task_status = 'processing' ORDER BY tasks.started_at;

CREATE VIEW failure_counts AS
  SELECT error_code, count(*) FILTER (WHERE finished_at > now() - interval '1 hour') AS last_hour,
         count(*) FILTER (WHERE finished_at > now() - interval '1 day') AS last_day, count(*) AS last_week,
         count(DISTINCT user_uuid) AS users, max(finished_at) AS newest
  FROM tasks WHERE task_status = 'failed' AND finished_at > now() - interval '7 days'
  GROUP BY error_code ORDER BY last_hour DESC, last_day DESC, last_week DESC, error_code;

CREATE VIEW failures_by_hour AS
  SELECT hour, sum(failures) AS failures, string_agg(error_code || ' ' || failures, ', ' ORDER BY failures DESC, error_code) AS codes
  FROM (SELECT date_trunc('hour', finished_at) AS hour, error_code, count(*) AS failures FROM tasks
        WHERE task_status = 'failed' AND finished_at > now() - interval '2 days' GROUP BY hour, error_code) AS counted
  GROUP BY hour ORDER BY hour DESC;

CREATE VIEW failures_by_day AS
  SELECT day, sum(failures) AS failures, string_agg(error_code || ' ' || failures, ', ' ORDER BY failures DESC, error_code) AS codes
  FROM (SELECT finished_at::date AS day, error_code, count(*) AS failures FROM tasks
        WHERE task_status = 'failed' AND finished_at > now() - interval '30 days' GROUP BY day, error_code) AS counted
  GROUP BY day ORDER BY day DESC;

-- Of completed tasks: how long they waited before their last attempt, and how long it took.
CREATE VIEW task_times AS
  SELECT engine, lang, count(*) AS tasks,
         round(percentile_cont(0.5) WITHIN GROUP (ORDER BY wait_sec)::numeric, 1) AS wait_median_sec,
         round(percentile_cont(0.95) WITHIN GROUP (ORDER BY wait_sec)::numeric, 1) AS wait_p95_sec,
         round(percentile_cont(0.5) WITHIN GROUP (ORDER BY run_sec)::numeric, 1) AS run_median_sec,
         round(percentile_cont(0.95) WITHIN GROUP (ORDER BY run_sec)::numeric, 1) AS run_p95_sec
  FROM (SELECT engine, lang, greatest(0, extract(epoch FROM started_at - greatest(queued_at, not_before))) AS wait_sec,
               extract(epoch FROM finished_at - started_at) AS run_sec
        FROM tasks WHERE task_status = 'completed' AND finished_at > now() - interval '7 days') AS done
  GROUP BY engine, lang ORDER BY tasks DESC, engine, lang;

CREATE VIEW throughput_by_hour AS
  SELECT date_trunc('hour', finished_at) AS hour, count(*) FILTER (WHERE task_status = 'completed') AS completed,
         count(*) FILTER (WHERE task_status = 'failed') AS failed, count(*) FILTER (WHERE task_status = 'cancelled') AS cancelled,
         round((coalesce(sum(audio_seconds) FILTER (WHERE task_status = 'completed'), 0) / 3600)::numeric, 2) AS audio_hours,
         coalesce(sum(words) FILTER (WHERE task_status = 'completed'), 0) AS words
  FROM tasks WHERE task_status IN ('completed', 'failed', 'cancelled') AND finished_at > now() - interval '2 days'
  GROUP BY hour ORDER BY hour DESC;

-- Workers that show a sign of life. A task that ended names the worker that ran it last.
CREATE VIEW instance_load AS
  SELECT active.id, active.host, active.pid, active.version, active.slots,
         (SELECT count(*) FROM tasks WHERE task_status = 'processing' AND instance = active.id) AS busy,
         (SELECT string_agg(key, ', ' ORDER BY key) FROM jsonb_each(active.engines) WHERE value ->> 'state' = 'ready') AS engines,
         coalesce(ended.completed, 0) AS completed_last_hour, coalesce(ended.failed, 0) AS failed_last_hour,
         coalesce(active.paused, (
           SELECT string_agg(CASE WHEN is_drain THEN 'drained' ELSE 'paused' END || ' by ' || paused_by
                             || coalesce(', ' || engine, '') || coalesce(': ' || reason, ''), '; ' ORDER BY paused_at)
           FROM pauses WHERE pauses.instance IS NULL OR pauses.instance = active.id)) AS paused,
         active.started_at, active.seen_at
  FROM active_instances AS active LEFT JOIN (
    SELECT instance, count(*) FILTER (WHERE task_status = 'completed') AS completed,
           count(*) FILTER (WHERE task_status = 'failed') AS failed
    FROM tasks WHERE task_status IN ('completed', 'failed') AND finished_at > now() - interval '1 hour' GROUP BY instance
  ) AS ended ON ended.instance = active.id
  ORDER BY active.started_at;
