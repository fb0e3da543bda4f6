-- The faults behind error_message as data, so that programs need not take its lines apart: a list of objects with code,
-- place and text, in the shape of warnings.

ALTER TABLE tasks ADD COLUMN faults jsonb NOT NULL DEFAULT '[]';
ALTER TABLE tasks
  ADD CONSTRAINT faults_is_a_list CHECK (jsonb_typeof(faults) = 'array'),
  ADD CONSTRAINT faults_have_at_most_10_megabytes CHECK (octet_length(faults::text) <= 10000000);
COMMENT ON COLUMN tasks.faults IS 'The faults that error_message has as text: code, place and text of each.';

-- The list belongs to error_code and error_message. It goes when they are cleared. Someone who sets them and knows nothing
-- of the list (a person in psql, a function of the database) gets a list of one.
CREATE FUNCTION keep_task_faults() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' OR NEW.error_code IS NULL THEN
    NEW.faults := '[]';
    RETURN NEW;
  END IF;
  NEW.faults := coalesce(nullif(NEW.faults, 'null'), OLD.faults);
  IF NEW.faults = OLD.faults
     AND (NEW.error_code, NEW.error_message) IS DISTINCT FROM (OLD.error_code, OLD.error_message) THEN
    NEW.faults := jsonb_build_array(
      jsonb_build_object('code', NEW.error_code, 'text', left(coalesce(NEW.error_message, ''), 2000)));
  END IF;
  RETURN NEW;
END $$;

-- Triggers run in the order of their names: these two come after guard_task_insert and guard_task_update, which clear the
-- error of a task that is tried again.
CREATE TRIGGER keep_new_faults BEFORE INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION keep_task_faults();

CREATE TRIGGER keep_task_faults BEFORE UPDATE ON tasks FOR EACH ROW
  WHEN (nullif(NEW.faults, 'null') IS NULL
        OR (NEW.error_code IS NULL AND NEW.faults <> '[]')
        OR (NEW.error_code, NEW.error_message) IS DISTINCT FROM (OLD.error_code, OLD.error_message))
  EXECUTE FUNCTION keep_task_faults();

-- Workers of an earlier version, which may still run, write warnings with a message that begins with the place. Nobody
-- takes it apart: it becomes the text.
CREATE FUNCTION keep_task_warnings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.warnings := (
    SELECT jsonb_agg(
      CASE WHEN warning ? 'message' THEN jsonb_build_object('code', warning -> 'code', 'text', warning -> 'message')
           ELSE warning END ORDER BY number)
    FROM jsonb_array_elements(NEW.warnings) WITH ORDINALITY AS listed (warning, number));
  RETURN NEW;
END $$;

CREATE TRIGGER keep_task_warnings BEFORE UPDATE ON tasks FOR EACH ROW
  WHEN (jsonb_typeof(NEW.warnings) = 'array' AND jsonb_path_exists(NEW.warnings, '$[*].message'))
  EXECUTE FUNCTION keep_task_warnings();

-- Tasks that have an error or warnings already. Nothing else of them changes.
ALTER TABLE tasks DISABLE TRIGGER USER;
ALTER TABLE tasks ENABLE TRIGGER keep_task_warnings;
UPDATE tasks SET faults = CASE WHEN error_code IS NULL THEN '[]' ELSE jsonb_build_array(
  jsonb_build_object('code', error_code, 'text', left(coalesce(error_message, ''), 2000))) END
WHERE error_code IS NOT NULL OR warnings <> '[]';
ALTER TABLE tasks ENABLE TRIGGER USER;
