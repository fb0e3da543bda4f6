-- Lists of very many tasks, and actions on them. A list is in the order of created_at, so that a range of time is a part of it;
-- and a search that reads no more rows than one page may cost reads them from one index.
CREATE INDEX tasks_newest ON tasks (created_at, id);
CREATE INDEX tasks_of_user_by_time ON tasks (user_uuid, created_at, id);
CREATE INDEX tasks_by_error_and_time ON tasks (error_code, created_at, id) WHERE error_code IS NOT NULL;
CREATE INDEX tasks_by_status_and_time ON tasks (task_status, created_at, id)
  WHERE task_status IN ('uploading', 'failed', 'cancelled', 'expired');
DROP INDEX tasks_by_created_at, tasks_of_user_newest, tasks_by_error_newest, tasks_by_status_newest,
  tasks_by_language_newest, tasks_by_engine_newest;

-- An action goes through its tasks from new to old, so many at a time. What it has done so far is committed with each part of
-- its tasks: a server that goes on with it begins at "reached". One that ends with an error has these counts, too.
ALTER TABLE actions ADD COLUMN reached text;
ALTER TABLE actions DROP CONSTRAINT ended_has_counts_or_error;
ALTER TABLE actions ADD CONSTRAINT ended_has_counts_or_error CHECK (
  num_nonnulls(total, changed) IN (0, 2)
  AND CASE WHEN ended_at IS NULL THEN error IS NULL ELSE num_nonnulls(total, error) > 0 END);
COMMENT ON COLUMN actions.total IS 'How many tasks matched when their turn came.';
COMMENT ON COLUMN actions.reached IS 'The cursor of the last task that was looked at; empty: none was, or all were.';

DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'autophon_worker') THEN
    GRANT DELETE ON actions TO autophon_worker;
  END IF;
END $$;
