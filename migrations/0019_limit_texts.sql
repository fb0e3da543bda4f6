-- A row is read as a whole by every program that lists tasks: no text in it may be as long as somebody likes. The worker
-- cuts what it writes, and says so in the text.

-- What earlier versions wrote longer would keep the constraints from being made.
UPDATE tasks SET status_note = left(status_note, 10000), error_message = left(error_message, 1000000),
  error_code = left(error_code, 100), trans_choice = left(trans_choice, 10000), lang = left(lang, 200),
  engine = left(engine, 200), task_path = left(task_path, 4096),
  warnings = CASE WHEN octet_length(warnings::text) > 10000000 THEN '[]' ELSE warnings END
WHERE length(status_note) > 10000 OR length(error_message) > 1000000 OR length(error_code) > 100
  OR length(trans_choice) > 10000 OR length(lang) > 200 OR length(engine) > 200 OR length(task_path) > 4096
  OR octet_length(warnings::text) > 10000000;

ALTER TABLE tasks
  ADD CONSTRAINT lang_has_at_most_200_characters CHECK (length(lang) <= 200 AND length(engine) <= 200),
  ADD CONSTRAINT paths_have_at_most_4096_characters CHECK (
    length(task_path) <= 4096 AND length(download_path) <= 4096 AND length(log_path) <= 4096),
  ADD CONSTRAINT status_note_has_at_most_10000_characters CHECK (length(status_note) <= 10000),
  ADD CONSTRAINT error_message_has_at_most_1000000_characters CHECK (
    length(error_message) <= 1000000 AND length(error_code) <= 100),
  ADD CONSTRAINT trans_choice_has_at_most_10000_characters CHECK (length(trans_choice) <= 10000),
  ADD CONSTRAINT warnings_have_at_most_10_megabytes CHECK (octet_length(warnings::text) <= 10000000),
  ADD CONSTRAINT instance_has_at_most_200_characters CHECK (length(instance) <= 200);
