-- What "autophon import-sniffer" has brought over from the older worker: so that a second import adds nothing, and "--undo"
-- takes back what an import made and nothing else. A row stays when its task is deleted, or the next import would bring it
-- back.
CREATE TABLE imported_tasks (
  old_id      text PRIMARY KEY,
  task        bigint NOT NULL,
  fence       integer,
  imported_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN imported_tasks.old_id IS 'task_id in the table of the older worker; the same here.';
COMMENT ON COLUMN imported_tasks.task IS 'tasks.id; the row may be gone.';
COMMENT ON COLUMN imported_tasks.fence IS 'Fence of the task when its import ended; empty: it has not ended.';

CREATE TABLE imported_dictionaries (
  path        text PRIMARY KEY,
  sha256      text NOT NULL,
  imported_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE imported_dictionaries IS 'Dictionaries of users that an import has copied; an undo removes those that are unchanged.';
COMMENT ON COLUMN imported_dictionaries.path IS 'Relative to UPLOADS.';
