-- By code (docs/errors.md explains them)
SELECT error_code, last_hour, last_day, last_week, users, newest FROM failure_counts;

-- By hour
SELECT hour, failures, codes FROM failures_by_hour LIMIT 24;

-- By day
SELECT day, failures, codes FROM failures_by_day LIMIT 14;

-- The last ones, newest first; "make retry TASK=..." runs one again
SELECT task_id, user_uuid AS user, lang, error_code, left(error_message, 80) AS message, attempts, crashes, finished_at
FROM recent_failures;
