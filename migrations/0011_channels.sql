-- What becomes of the channels of recordings: mixed to one, or each a speaker of its own, with names if they are given.

ALTER TABLE tasks ADD COLUMN channels text;
ALTER TABLE tasks ADD CONSTRAINT channels_known CHECK (
  length(channels) <= 500
  AND channels ~ '^(mix|split|split:[^,[:cntrl:]]*[^,[:cntrl:][:space:]][^,[:cntrl:]]*(,[^,[:cntrl:]]*[^,[:cntrl:][:space:]][^,[:cntrl:]]*)*)$'
);
COMMENT ON COLUMN tasks.channels IS 'Channels of recordings: mix, split (each is a speaker), or split:Anna,Ben; empty: as the site says.';
