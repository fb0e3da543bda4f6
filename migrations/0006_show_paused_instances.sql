-- An instance whose machine runs out of disk or memory claims nothing; whoever asks why tasks wait finds the answer
-- beside the instance.

ALTER TABLE instances ADD COLUMN paused text;
COMMENT ON COLUMN instances.paused IS 'Why the instance takes no new tasks; null: it does.';

CREATE OR REPLACE VIEW active_instances AS
  SELECT id, host, pid, version, started_at, seen_at, slots, busy, engines, paused
  FROM instances WHERE stopped_at IS NULL AND seen_at > now() - interval '30 seconds' ORDER BY started_at;
