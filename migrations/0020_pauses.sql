-- Operators pause the work: a row is one pause. Each claim looks at the rows in its own transaction (find_next_job in
-- src/queue/queue.sql). Tasks that run go on.

CREATE TABLE pauses (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  engine    text,
  instance  text REFERENCES instances (id) ON DELETE CASCADE,
  is_drain  boolean NOT NULL DEFAULT false,
  reason    text,
  paused_by text NOT NULL DEFAULT session_user,
  paused_at timestamptz NOT NULL DEFAULT now(),

  CONSTRAINT pause_engine_is_in_capitals CHECK (engine = upper(engine) AND engine <> '' AND length(engine) <= 200),
  CONSTRAINT drain_is_of_one_instance CHECK (NOT is_drain OR instance IS NOT NULL AND engine IS NULL),
  CONSTRAINT pause_reason_has_at_most_2000_characters CHECK (length(reason) <= 2000),
  CONSTRAINT paused_by_has_at_most_200_characters CHECK (length(paused_by) <= 200)
);
CREATE UNIQUE INDEX pause_is_there_once ON pauses (coalesce(engine, ''), coalesce(instance, ''));

COMMENT ON TABLE pauses IS 'Work that operators have paused. Workers take no tasks that fit a row.';
COMMENT ON COLUMN pauses.engine IS 'Tasks of this engine; empty: of all.';
COMMENT ON COLUMN pauses.instance IS 'This worker process; empty: all.';
COMMENT ON COLUMN pauses.is_drain IS 'The worker process ends when the tasks that it runs have ended.';

-- Those of workers that are gone are of no use to anybody; they go when the row of the instance is removed.
CREATE VIEW current_pauses AS
  SELECT pauses.id, pauses.engine, pauses.instance, active.host, pauses.is_drain, pauses.reason, pauses.paused_by,
         pauses.paused_at
  FROM pauses LEFT JOIN active_instances AS active ON active.id = pauses.instance
  WHERE pauses.instance IS NULL OR active.id IS NOT NULL ORDER BY pauses.paused_at, pauses.id;

-- Workers look at once: who is paused or drained reads it, and after the end of a pause there is work.
CREATE FUNCTION announce_pauses() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM pg_notify('autophon_pauses', '');
  PERFORM notify_workers();
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION announce_pauses() FROM PUBLIC;
CREATE TRIGGER announce_pauses AFTER INSERT OR UPDATE OR DELETE ON pauses
  FOR EACH STATEMENT EXECUTE FUNCTION announce_pauses();

DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'autophon_worker') THEN
    GRANT SELECT ON pauses TO autophon_worker;
  END IF;
END $$;
