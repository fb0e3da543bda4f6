-- The last failed tasks, newest first. docs/errors.md explains the codes; `make retry TASK=...` runs one again.
SELECT task_id, user_uuid, lang, error_code, error_message, attempts, crashes, finished_at
FROM recent_failures;
