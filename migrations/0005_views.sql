-- Answers to what operators ask in psql. Those about jobs are in src/queue/queue.sql.

CREATE VIEW task_status_counts AS
  SELECT task_status, count(*) AS tasks, min(created_at) AS oldest FROM tasks GROUP BY task_status ORDER BY task_status;

-- An instance that has not been seen for half a minute is probably gone: its tasks are taken over soon.
CREATE VIEW active_instances AS
  SELECT id, host, pid, version, started_at, seen_at, slots, busy, engines, paused, paused_since
  FROM instances WHERE stopped_at IS NULL AND seen_at > now() - interval '30 seconds' ORDER BY started_at;

-- A chore that is never done would show only when disks are full.
CREATE VIEW chore_health AS
  SELECT name, every_sec, run_at, succeeded_at, round(seconds::numeric, 3) AS seconds, failed_at, error, instance,
         coalesce(succeeded_at < now() - 5 * every_sec * interval '1 second', true) AS is_late
  FROM chores ORDER BY name;

CREATE VIEW stage_durations AS
  SELECT tasks.engine, task_stages.stage, count(*) AS runs,
         round(avg(seconds)::numeric, 3) AS mean_sec,
         round(percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)::numeric, 3) AS median_sec,
         round(max(seconds)::numeric, 3) AS max_sec,
         round((sum(seconds) / nullif(sum(tasks.audio_seconds), 0))::numeric, 4) AS sec_per_audio_sec
  FROM task_stages JOIN tasks ON tasks.id = task_stages.task
  WHERE task_stages.outcome = 'done' AND task_stages.started_at > now() - interval '30 days'
  GROUP BY tasks.engine, task_stages.stage ORDER BY tasks.engine, task_stages.stage;

CREATE VIEW recent_failures AS
  SELECT task_id, user_uuid, lang, error_code, left(error_message, 200) AS error_message, attempts, crashes, finished_at
  FROM tasks WHERE task_status = 'failed' ORDER BY finished_at DESC LIMIT 50;
