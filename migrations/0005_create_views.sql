-- Answers to what operators ask in psql.

CREATE VIEW task_status_counts AS
  SELECT task_status, count(*) AS tasks, min(created_at) AS oldest FROM tasks GROUP BY task_status ORDER BY task_status;

CREATE VIEW queue_depth AS
  SELECT tasks.engine,
         count(*) FILTER (WHERE job.start_after <= now()) AS ready,
         count(*) FILTER (WHERE job.start_after > now()) AS delayed,
         min(tasks.queued_at) AS oldest,
         round(extract(epoch FROM now() - min(tasks.queued_at))) AS oldest_waits_sec
  FROM tasks JOIN pgboss.job AS job ON job.name = 'align' AND job.id = tasks.job_id
  WHERE tasks.task_status = 'uploaded' AND job.state IN ('created', 'retry')
  GROUP BY tasks.engine ORDER BY tasks.engine;

-- An instance that has not been seen for half a minute is on its way out: its tasks are taken over soon.
CREATE VIEW active_instances AS
  SELECT id, host, pid, version, started_at, seen_at, slots, busy, engines
  FROM instances WHERE stopped_at IS NULL AND seen_at > now() - interval '30 seconds' ORDER BY started_at;

-- Processing, but nobody has shown a sign of life for it: the holder's lease has run out or its job is gone.
CREATE VIEW stuck_tasks AS
  SELECT tasks.task_id, tasks.user_uuid, tasks.lang, tasks.stage, tasks.fence, tasks.instance,
         job.state AS job_state, job.heartbeat_on AS last_sign_of_life, tasks.updated_at
  FROM tasks LEFT JOIN pgboss.job AS job ON job.name = 'align' AND job.id = tasks.job_id
  WHERE tasks.task_status = 'processing'
    AND (job.state IS DISTINCT FROM 'active'
         OR job.heartbeat_on < now() - job.heartbeat_seconds * interval '1 second')
  ORDER BY tasks.updated_at;

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
