-- Lists of very many tasks. A list is in the order of created_at, so that a range of it is a part of the list; and a search
-- that reads no more rows than one page may cost reads them from one index.
CREATE INDEX tasks_newest ON tasks (created_at, id);
CREATE INDEX tasks_of_user_by_time ON tasks (user_uuid, created_at, id);
CREATE INDEX tasks_by_error_and_time ON tasks (error_code, created_at, id) WHERE error_code IS NOT NULL;
CREATE INDEX tasks_by_status_and_time ON tasks (task_status, created_at, id)
  WHERE task_status IN ('uploading', 'failed', 'cancelled', 'expired');
DROP INDEX tasks_by_created_at, tasks_of_user_newest, tasks_by_error_newest, tasks_by_status_newest,
  tasks_by_language_newest, tasks_by_engine_newest;
