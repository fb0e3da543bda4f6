-- Workers
SELECT id, host, pid, version, slots, busy, engines, completed_last_hour, failed_last_hour, paused, started_at, seen_at
FROM instance_load;

-- What runs where
SELECT host, instance, task_id, user_uuid, lang, stage, progress, running_sec, left_sec FROM running_tasks ORDER BY host, instance;
