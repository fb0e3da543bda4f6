-- Each chore is done by itself, on its own schedule: one that fails or hangs holds up no other. When each was done last is
-- to be seen, since a chore that is never done shows only when disks are full.
ALTER TABLE chores
  ADD COLUMN every_sec integer NOT NULL DEFAULT 60,
  ADD COLUMN succeeded_at timestamptz,
  ADD COLUMN seconds double precision,
  ADD COLUMN failed_at timestamptz,
  ADD COLUMN error text,
  ADD COLUMN instance text;
COMMENT ON COLUMN chores.run_at IS 'When an instance began it last.';
COMMENT ON COLUMN chores.every_sec IS 'How often it is due, in seconds.';
COMMENT ON COLUMN chores.error IS 'Why it failed last, at failed_at.';
DELETE FROM chores;

CREATE VIEW chore_health AS
  SELECT name, every_sec, run_at, succeeded_at, round(seconds::numeric, 3) AS seconds, failed_at, error, instance,
         coalesce(succeeded_at < now() - 5 * every_sec * interval '1 second', true) AS is_late
  FROM chores ORDER BY name;
