-- A client that has lost the answer sends the same request with the same key again, and gets the same task. With another
-- request the key would lead to a task that is not the one asked for: so what was asked for first is remembered as a hash.

ALTER TABLE tasks ADD COLUMN request_hash text;
ALTER TABLE tasks ADD CONSTRAINT request_hash_is_sha256 CHECK (request_hash ~ '^[0-9a-f]{64}$');
COMMENT ON COLUMN tasks.request_hash IS 'SHA-256 of the request with an Idempotency-Key that made the task; empty: made in another way.';
