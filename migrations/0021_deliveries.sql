-- Other programs are told when a task has ended: by a request to a URL (a webhook), or by a command of the site. What is to be
-- told is written in the transaction that ends the task, so that nothing is forgotten; workers send it, and try again.

ALTER TABLE tasks ADD COLUMN notify_url text;
ALTER TABLE tasks
  ADD CONSTRAINT notify_url_has_at_most_2000_characters CHECK (length(notify_url) <= 2000),
  ADD CONSTRAINT notify_url_is_a_web_address CHECK (notify_url ~ '^https?://[^[:space:][:cntrl:]]+$');
COMMENT ON COLUMN tasks.notify_url IS 'Where a request is sent when the task has ended; empty: the row of its user in webhooks says it.';

CREATE TABLE webhooks (
  user_uuid text PRIMARY KEY,
  url       text NOT NULL,

  CONSTRAINT webhook_user_is_a_plain_name CHECK (
    user_uuid = '*' OR length(user_uuid) <= 100 AND user_uuid ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$'),
  CONSTRAINT webhook_url_has_at_most_2000_characters CHECK (length(url) <= 2000),
  CONSTRAINT webhook_url_is_a_web_address CHECK (url ~ '^https?://[^[:space:][:cntrl:]]+$')
);
COMMENT ON TABLE webhooks IS 'Where a request is sent when a task of a user has ended that names no notify_url.';
COMMENT ON COLUMN webhooks.user_uuid IS 'The user; *: all who have no row.';

-- Only a worker that has the setting DONE_COMMAND can run it: while there is one, deliveries are made for it.
ALTER TABLE instances ADD COLUMN runs_done_command boolean NOT NULL DEFAULT false;

CREATE TABLE deliveries (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- What a user deletes is gone: nothing more is told of it.
  task        bigint NOT NULL REFERENCES tasks ON DELETE CASCADE,
  message_id  uuid NOT NULL DEFAULT gen_random_uuid(),
  kind        text NOT NULL,
  url         text,
  status      text NOT NULL,
  error_code  text,
  ended_at    timestamptz NOT NULL,
  body        text,
  state       text NOT NULL DEFAULT 'waiting',
  attempts    integer NOT NULL DEFAULT 0,
  next_at     timestamptz NOT NULL DEFAULT now(),
  answer      text,
  finished_at timestamptz,

  CONSTRAINT delivery_kind_known CHECK (kind IN ('webhook', 'command')),
  CONSTRAINT webhook_has_url CHECK ((kind = 'webhook') = (url IS NOT NULL)),
  CONSTRAINT delivery_tells_an_end CHECK (status IN ('completed', 'failed', 'cancelled')),
  CONSTRAINT delivery_state_known CHECK (state IN ('waiting', 'delivered', 'given up')),
  CONSTRAINT finished_delivery_has_time CHECK ((state = 'waiting') = (finished_at IS NULL)),
  CONSTRAINT answer_has_at_most_1000_characters CHECK (length(answer) <= 1000)
);
COMMENT ON TABLE deliveries IS 'What other programs are told of the end of a task, and what came of it.';
COMMENT ON COLUMN deliveries.message_id IS 'The same at each attempt, so that a receiver knows what it has had.';
COMMENT ON COLUMN deliveries.body IS 'What is sent, the same at each attempt; made for the first one.';
COMMENT ON COLUMN deliveries.next_at IS 'When the next attempt may begin; during an attempt, when it counts as lost.';
COMMENT ON COLUMN deliveries.answer IS 'What the last attempt got.';

CREATE INDEX deliveries_of_task ON deliveries (task);
CREATE INDEX deliveries_waiting ON deliveries (next_at) WHERE state = 'waiting';
CREATE INDEX deliveries_finished ON deliveries (finished_at) WHERE finished_at IS NOT NULL;

CREATE FUNCTION record_deliveries() RETURNS trigger LANGUAGE plpgsql
  SECURITY DEFINER SET search_path FROM CURRENT
  -- As record_updated_tasks: old and new rows are joined by a hash, all else is found by an index.
  SET enable_nestloop = off SET enable_mergejoin = off SET enable_seqscan = off SET enable_bitmapscan = off
  SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  has_command boolean;
BEGIN
  -- Nearly all updates are signs of progress.
  IF NOT EXISTS (SELECT FROM updated WHERE finished_at IS NOT NULL) THEN
    RETURN NULL;
  END IF;
  has_command := EXISTS (SELECT FROM instances WHERE runs_done_command AND seen_at > now() - interval '1 day');
  -- Most sites tell no other program.
  IF NOT has_command AND NOT EXISTS (SELECT FROM webhooks)
    AND NOT EXISTS (SELECT FROM updated WHERE notify_url IS NOT NULL) THEN
    RETURN NULL;
  END IF;
  WITH ended AS MATERIALIZED (
    SELECT id, updated.task_status AS status, updated.finished_at AS ended_at,
           CASE WHEN updated.task_status = 'failed' THEN updated.error_code END AS error_code,
           coalesce(updated.notify_url,
                    (SELECT webhooks.url FROM webhooks WHERE webhooks.user_uuid = updated.user_uuid),
                    (SELECT webhooks.url FROM webhooks WHERE webhooks.user_uuid = '*')) AS url
    FROM former JOIN updated USING (id)
    WHERE former.finished_at IS NULL AND updated.finished_at IS NOT NULL AND updated.task_status <> 'expired'
  )
  INSERT INTO deliveries (task, kind, url, status, error_code, ended_at)
  SELECT id, 'webhook', url, status, error_code, ended_at FROM ended WHERE url IS NOT NULL
  UNION ALL
  SELECT id, 'command', NULL, status, error_code, ended_at FROM ended WHERE has_command;
  IF FOUND THEN
    -- Without a word about what it is: every login of the database may listen.
    PERFORM pg_notify('autophon_delivery', '');
  END IF;
  RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION record_deliveries() FROM PUBLIC;

CREATE TRIGGER record_deliveries AFTER UPDATE ON tasks REFERENCING OLD TABLE AS former NEW TABLE AS updated
  FOR EACH STATEMENT EXECUTE FUNCTION record_deliveries();

-- Which receivers get nothing?
CREATE VIEW late_deliveries AS
  SELECT tasks.task_id, tasks.user_uuid, deliveries.kind, deliveries.url, deliveries.attempts, deliveries.next_at,
         deliveries.ended_at, deliveries.answer
  FROM deliveries JOIN tasks ON tasks.id = deliveries.task
  WHERE deliveries.state = 'waiting' AND deliveries.ended_at < now() - interval '5 minutes'
  ORDER BY deliveries.ended_at;

DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'autophon_worker') THEN
    GRANT SELECT, DELETE ON deliveries TO autophon_worker;
    GRANT UPDATE (body, state, attempts, next_at, answer, finished_at) ON deliveries TO autophon_worker;
    GRANT SELECT ON webhooks, late_deliveries TO autophon_worker;
  END IF;
END $$;
