-- Where claims begin to look for the next job, and how often a job was put before that place. See src/queue/queue.sql.

CREATE TABLE queue_front (
  only_row   boolean PRIMARY KEY DEFAULT true,
  first_rank bigint NOT NULL,
  changes    bigint NOT NULL,
  noted_at   timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT queue_front_has_one_row CHECK (only_row)
);
COMMENT ON COLUMN queue_front.first_rank IS 'No job with a smaller rank waits, as long as the count of changes is still the same.';
COMMENT ON COLUMN queue_front.changes IS 'Value of the sequence queue_front_changes when the rank was found.';

-- A sequence, and no column: it counts at once, also in a transaction that is not committed yet, and nobody waits for it.
CREATE SEQUENCE queue_front_changes;
-- A sequence that was never asked shows the value that its first answer will be.
SELECT nextval('queue_front_changes');
INSERT INTO queue_front (first_rank, changes) VALUES (0, 0);
