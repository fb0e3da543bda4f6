-- Files that nobody needs any more are removed by the workers: inputs of tasks that failed or were cancelled some time
-- ago, of uploads that were given up, and everything of tasks that are expired or whose row was deleted.

ALTER TABLE tasks ADD COLUMN inputs_deleted_at timestamptz;
COMMENT ON COLUMN tasks.inputs_deleted_at IS 'When its files were removed, because it expired or its time was over.';

-- What a user deletes is gone for good: the row at once, the files as soon as a worker comes by. This is how it knows.
CREATE TABLE deleted_tasks (
  id         bigint PRIMARY KEY,
  task_id    text NOT NULL,
  user_uuid  text NOT NULL,
  task_path  text,
  deleted_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION remember_deleted_task() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO deleted_tasks (id, task_id, user_uuid, task_path)
  VALUES (OLD.id, OLD.task_id, OLD.user_uuid, OLD.task_path) ON CONFLICT (id) DO NOTHING;
  RETURN NULL;
END $$;

CREATE TRIGGER remember_deleted_task AFTER DELETE ON tasks FOR EACH ROW EXECUTE FUNCTION remember_deleted_task();

-- Work that one instance does for all: who comes when it is due takes it.
CREATE TABLE chores (
  name   text PRIMARY KEY,
  run_at timestamptz NOT NULL
);

INSERT INTO chores VALUES ('remove files', '-infinity');

CREATE INDEX tasks_of_user ON tasks (user_uuid, task_path);
