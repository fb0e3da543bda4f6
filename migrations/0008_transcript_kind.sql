-- A transcript is a transcript whatever its format: a new one needs no migration, and its name tells which it is. Rows of
-- earlier versions keep 'textgrid', and so may workers of an earlier version that still run.

ALTER TABLE task_files DROP CONSTRAINT file_kind_known;
ALTER TABLE task_files
  ADD CONSTRAINT file_kind_known CHECK (kind IN ('audio', 'transcript', 'textgrid', 'held', 'output', 'log'));
