-- The trace that a task belongs to: given by who writes the row, otherwise made by its first worker. What is no traceparent is
-- replaced then: a header that an application passes on must not cost it the task.
-- Works with programs that have 0024 or later.

ALTER TABLE tasks ADD COLUMN traceparent text;
ALTER TABLE tasks ADD CONSTRAINT traceparent_has_at_most_200_characters CHECK (length(traceparent) <= 200);
COMMENT ON COLUMN tasks.traceparent IS 'The trace that the task belongs to, as W3C Trace Context writes it; empty: its first worker makes one.';

DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'autophon_worker') THEN
    GRANT UPDATE (traceparent) ON tasks TO autophon_worker;
  END IF;
END $$;
