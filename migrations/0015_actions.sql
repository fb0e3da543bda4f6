-- What somebody does to all tasks that match a filter: who, what, when, and what came of it. The statement that changes the
-- tasks and the end of its row here are one transaction, so that an action is done as a whole and once, or not at all.

CREATE TABLE actions (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_uuid      text NOT NULL,
  action         text NOT NULL,
  priority       integer,
  filter         jsonb NOT NULL,
  expected_count integer NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  ended_at       timestamptz,
  total          integer,
  changed        integer,
  error          text,

  CONSTRAINT action_known CHECK (action IN ('cancel', 'retry', 'delete', 'priority')),
  CONSTRAINT priority_set_when_changed CHECK ((action = 'priority') = (priority IS NOT NULL)),
  CONSTRAINT ended_has_counts_or_error CHECK (
    (ended_at IS NULL AND num_nonnulls(total, changed, error) = 0)
    OR (ended_at IS NOT NULL AND (error IS NULL) = (total IS NOT NULL AND changed IS NOT NULL)))
);

COMMENT ON TABLE actions IS 'What was done to all tasks that match a filter.';
COMMENT ON COLUMN actions.user_uuid IS 'Who did it.';
COMMENT ON COLUMN actions.expected_count IS 'How many tasks matched when it was asked for.';
COMMENT ON COLUMN actions.total IS 'How many tasks matched when it was done.';
COMMENT ON COLUMN actions.changed IS 'How many of them were changed; the others had ended, or did not fit.';

CREATE INDEX actions_to_do ON actions (id) WHERE ended_at IS NULL;

-- For lists of few tasks among many. Rows are added in the order of created_at, so that an index of ranges is enough.
CREATE INDEX tasks_by_language_newest ON tasks (lang text_pattern_ops, id);
CREATE INDEX tasks_by_engine_newest ON tasks (engine, id);
CREATE INDEX tasks_by_created_at ON tasks USING brin (created_at);
