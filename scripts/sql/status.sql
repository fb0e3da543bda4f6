-- How many tasks there are in each status, what waits by engine, and which workers are alive.
SELECT task_status, tasks, oldest FROM task_status_counts;

SELECT engine, ready, delayed, oldest, oldest_waits_sec, later, next_later FROM queue_depth;

SELECT host, pid, version, started_at, seen_at, slots, busy FROM active_instances;
