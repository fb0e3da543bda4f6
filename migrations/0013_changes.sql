-- Who shows tasks while they change is told of each change, lists tasks in the order in which they were added, and has a
-- name for each.

ALTER TABLE tasks ADD COLUMN name text;
ALTER TABLE tasks ADD CONSTRAINT name_has_at_most_200_characters CHECK (length(name) <= 200);
COMMENT ON COLUMN tasks.name IS 'What people call the task; for people only.';

-- A list begins with the last task that was added, and goes on from the last one that was shown.
CREATE INDEX tasks_of_user_newest ON tasks (user_uuid, id);
CREATE INDEX tasks_by_status_newest ON tasks (task_status, id);
CREATE INDEX tasks_by_error_newest ON tasks (error_code, id) WHERE error_code IS NOT NULL;

-- The ids of the rows that a statement has changed, with commas between them, or `many`. It is a hint to read the rows, as
-- all notifications are, and does not say whose they are. A statement sends one, whatever it changes.
CREATE FUNCTION announce_changes(ids bigint[]) RETURNS void LANGUAGE sql SET search_path FROM CURRENT AS $$
  SELECT pg_notify('autophon_task_changed',
                   CASE WHEN cardinality(ids) > 20 THEN 'many' ELSE array_to_string(ids, ',') END)
  WHERE cardinality(ids) > 0
$$;

CREATE FUNCTION announce_added_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM announce_changes(ARRAY(SELECT id FROM added LIMIT 21));
  RETURN NULL;
END $$;
CREATE TRIGGER announce_added_tasks AFTER INSERT ON tasks REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION announce_added_tasks();

CREATE FUNCTION announce_changed_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM announce_changes(ARRAY(SELECT id FROM updated LIMIT 21));
  RETURN NULL;
END $$;
CREATE TRIGGER announce_changed_tasks AFTER UPDATE ON tasks REFERENCING NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION announce_changed_tasks();

CREATE FUNCTION announce_deleted_tasks() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM announce_changes(ARRAY(SELECT id FROM deleted LIMIT 21));
  RETURN NULL;
END $$;
CREATE TRIGGER announce_deleted_tasks AFTER DELETE ON tasks REFERENCING OLD TABLE AS deleted
  FOR EACH STATEMENT EXECUTE FUNCTION announce_deleted_tasks();

REVOKE EXECUTE ON FUNCTION announce_changes(bigint[]), announce_added_tasks(), announce_changed_tasks(),
  announce_deleted_tasks() FROM PUBLIC;
