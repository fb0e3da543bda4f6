-- How wide an aligner searches for a task from its first run on: a wide search takes longer and finds what the usual one
-- loses. What the usual one loses is searched widely in a second run either way.

ALTER TABLE tasks
  ADD COLUMN search text,
  ADD CONSTRAINT search_known CHECK (search IN ('usual', 'wide'));

COMMENT ON COLUMN tasks.search IS 'How the first run of the aligner searches: usual or wide; empty: as the site says.';
