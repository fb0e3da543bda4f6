-- Tasks
SELECT task_status, tasks, oldest FROM task_status_counts;

-- Queue
SELECT engine, ready, delayed, oldest, oldest_waits_sec, later, next_later FROM queue_depth;

-- Workers
SELECT host, pid, version, slots, busy, engines, paused FROM instance_load;

-- Running
SELECT task_id, user_uuid, lang, stage, progress, host, running_sec, left_sec FROM running_tasks;
