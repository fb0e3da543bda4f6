-- The workers look for files to remove every half minute, and ended tasks stay: without these, each look reads them all.
-- Failed and completed tasks are found by tasks_by_status; of those that keep their status, this has only the ones
-- whose files are still there.
CREATE INDEX tasks_to_empty ON tasks (task_status, finished_at)
  WHERE task_status IN ('expired', 'cancelled', 'uploading')
    AND (inputs_deleted_at IS NULL OR inputs_deleted_at < finished_at);
