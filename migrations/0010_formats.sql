-- In which formats the result of a task is written: names with commas between them, as in the setting OUTPUT_FORMATS.

ALTER TABLE tasks ADD COLUMN formats text;
ALTER TABLE tasks ADD CONSTRAINT formats_have_at_most_200_characters CHECK (length(formats) <= 200);
COMMENT ON COLUMN tasks.formats IS 'Formats of the result, such as textgrid,csv; empty: as the site says.';

-- A later migration that adds a format replaces this function.
CREATE FUNCTION known_formats() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT ARRAY['textgrid', 'short', 'csv', 'eaf', 'json', 'vtt', 'srt', 'emu', 'par']
$$;

-- A trigger and no CHECK: its message can say what is wrong, and what is known.
CREATE FUNCTION refuse_unknown_formats() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  unknown text;
BEGIN
  SELECT quote_literal(trim(name)) INTO unknown
  FROM regexp_split_to_table(NEW.formats, ',') AS name
  WHERE lower(trim(name)) <> ALL (known_formats()) LIMIT 1;
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'task %: formats: expected names with commas between them, of %; found %',
      NEW.task_id, array_to_string(known_formats(), ', '), left(unknown, 100)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'formats_known', TABLE = 'tasks';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER refuse_unknown_formats BEFORE INSERT OR UPDATE OF formats ON tasks FOR EACH ROW
  WHEN (NEW.formats IS NOT NULL) EXECUTE FUNCTION refuse_unknown_formats();
