-- Tasks in processing that nobody shows a sign of life for. The sweep of any running worker hands them on within a
-- minute; rows that stay here mean that no worker runs.
SELECT task_id, user_uuid, lang, stage, fence, instance, job_state, last_sign_of_life, updated_at
FROM stuck_tasks;
