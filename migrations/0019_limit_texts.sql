-- A row is read as a whole by every program that lists tasks: no text in it may be as long as somebody likes. The worker
-- cuts what it writes, and says so in the text.
ALTER TABLE tasks
  ADD CONSTRAINT lang_has_at_most_200_characters CHECK (length(lang) <= 200 AND length(engine) <= 200),
  ADD CONSTRAINT paths_have_at_most_4096_characters CHECK (
    length(task_path) <= 4096 AND length(download_path) <= 4096 AND length(log_path) <= 4096),
  ADD CONSTRAINT status_note_has_at_most_10000_characters CHECK (length(status_note) <= 10000),
  ADD CONSTRAINT error_message_has_at_most_1000000_characters CHECK (
    length(error_message) <= 1000000 AND length(error_code) <= 100),
  ADD CONSTRAINT trans_choice_has_at_most_10000_characters CHECK (length(trans_choice) <= 10000);
