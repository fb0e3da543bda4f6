-- Who may use the page and its API where the setting WEB_MODE is token. A token is shown once, when it is made: here is only
-- its hash, so that nobody who reads this table, or a copy of it, can sign in.

CREATE TABLE web_tokens (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  hash       bytea NOT NULL,
  user_uuid  text NOT NULL,
  role       text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  used_on    date,
  CONSTRAINT token_is_unique UNIQUE (hash),
  CONSTRAINT token_hash_has_32_bytes CHECK (length(hash) = 32),
  CONSTRAINT token_user_is_a_plain_name CHECK (user_uuid ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'),
  CONSTRAINT token_role_known CHECK (role IN ('user', 'viewer', 'operator'))
);
COMMENT ON TABLE web_tokens IS 'Tokens with which users sign in to the page and its API.';
COMMENT ON COLUMN web_tokens.hash IS 'SHA-256 of the token.';
COMMENT ON COLUMN web_tokens.used_on IS 'The last day on which it was used, in UTC.';
