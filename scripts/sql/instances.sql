-- Workers, and what each has completed and failed in the last hour
SELECT left(id, 8) AS id, host, pid, slots, busy, completed_last_hour AS completed, failed_last_hour AS failed,
       to_char(started_at, 'YYYY-MM-DD HH24:MI') AS started
FROM instance_load;

-- What they can run, and why some take no tasks
SELECT left(id, 8) AS id, version, engines, paused FROM instance_load;

-- What runs where; of an id that is a UUID, its beginning, which all commands take
SELECT left(instance, 8) AS instance, regexp_replace(task_id, '^([0-9a-f]{8})-[0-9a-f-]{27}$', '\1') AS task_id,
       user_uuid AS user, lang, stage, progress, running_sec AS seconds, left_sec AS left
FROM running_tasks ORDER BY host, instance;
