-- In processing, but their worker is silent: its lease has run out. The sweep of any running worker puts them back into the
-- queue, where they wait for a free slot. Rows that stay here for long mean that no worker runs or that all slots are busy.
SELECT task_id, user_uuid AS user, lang, stage, fence, instance, job_state, last_sign_of_life, updated_at
FROM stuck_tasks;
