-- Users take turns: a flood of one user's tasks must not hold up the single task of another, nor what is left of an
-- earlier flood. Each task gets the number of its turn when it is queued, among those of its priority, and keeps it.
-- A user's further tasks have even turns, one behind the other; none comes before the turn that is being served, so
-- that who queues many now is not ahead of who queued many before. A user who has nothing in the queue gets the odd
-- turn just before the next even one: only what runs already is ahead of him. Equal turns go by age.
--
-- Until now the place of a task was how many its user had queued before it. That number did not shrink when these were
-- done, so that the last of a thousand tasks waited for nearly all of another user's thousand.

ALTER TABLE tasks ADD COLUMN turn integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN tasks.turn IS 'Its place among the tasks of the same priority; smaller goes first.';

DROP INDEX tasks_open_by_user;
CREATE INDEX tasks_open_by_user ON tasks (user_uuid, priority, turn) WHERE task_status IN ('uploaded', 'processing');
CREATE INDEX tasks_by_turn ON tasks (task_status, priority, engine, turn) WHERE task_status IN ('uploaded', 'processing');

CREATE FUNCTION next_turn(task tasks) RETURNS integer LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  own_last integer := (SELECT max(turn) FROM tasks WHERE user_uuid = task.user_uuid AND priority = task.priority
                       AND task_status = 'uploaded');
  is_at_work boolean := EXISTS (SELECT FROM tasks WHERE user_uuid = task.user_uuid AND priority = task.priority
                                AND task_status = 'processing');
  first integer := (SELECT min(turn) FROM tasks WHERE task_status = 'uploaded' AND priority = task.priority
                    AND engine = task.engine);
  -- Engines may have workers of their own, and then each comes on at its own pace.
  served integer := coalesce(
    (SELECT max(turn) FROM tasks WHERE task_status = 'processing' AND priority = task.priority AND engine = task.engine),
    (SELECT max(turn) FROM tasks WHERE task_status = 'processing' AND priority = task.priority),
    ((first - 1) | 1) - 1,
    0) & ~1;
BEGIN
  IF own_last IS NOT NULL THEN
    RETURN greatest((own_last + 2) & ~1, served + 2);
  ELSIF is_at_work THEN
    RETURN served + 2;
  END IF;
  RETURN least(served + 1, (first - 1) | 1);
END $$;

CREATE FUNCTION take_turn() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  NEW.turn := next_turn(NEW);
  RETURN NEW;
END $$;

-- Named so that they come after those that fill in the engine. A task that goes back to the queue keeps its turn.
CREATE TRIGGER turn_of_inserted_task BEFORE INSERT ON tasks FOR EACH ROW
  WHEN (NEW.task_status = 'uploaded') EXECUTE FUNCTION take_turn();

CREATE TRIGGER turn_of_updated_task BEFORE UPDATE ON tasks FOR EACH ROW
  WHEN (NEW.task_status = 'uploaded'
        AND (OLD.task_status IN ('uploading', 'failed', 'cancelled') OR NEW.priority <> OLD.priority))
  EXECUTE FUNCTION take_turn();

-- A whole number of 32 bits holds 2001 priorities and two million turns. These begin anew whenever nothing waits and
-- nothing runs; who comes to the end of them waits by age.
CREATE OR REPLACE FUNCTION job_priority(task tasks) RETURNS integer LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
  SELECT task.priority * 2000000 - least(1999999, task.turn - 1)
$$;

-- What waits now, in the order that it has.
UPDATE tasks SET turn = waiting.turn
FROM (SELECT id, greatest(1, 2 * (row_number() OVER (PARTITION BY user_uuid, priority ORDER BY queued_at, id) - 1)) AS turn
      FROM tasks WHERE task_status = 'uploaded') AS waiting
WHERE tasks.id = waiting.id;
UPDATE pgboss.job SET priority = job_priority(tasks)
FROM tasks WHERE job.name = 'align' AND job.id = tasks.job_id AND tasks.task_status = 'uploaded';
