-- What a user may decide for one task: whether what came out is delivered when a recording came back empty, which is the
-- site's setting otherwise, and whether tiers of one name in several recordings are one person, whose voice an
-- aligner may adapt to. Left alone, each tier of each recording is a speaker of its own.

ALTER TABLE tasks
  ADD COLUMN partial_results text,
  ADD COLUMN speakers text NOT NULL DEFAULT 'tiers',
  ADD CONSTRAINT partial_results_known CHECK (partial_results IN ('fail', 'allow')),
  ADD CONSTRAINT speakers_known CHECK (speakers IN ('tiers', 'names'));

COMMENT ON COLUMN tasks.partial_results IS 'What a recording without any aligned interval does: fail or allow; empty: as the site says.';
COMMENT ON COLUMN tasks.speakers IS 'Who is a speaker: tiers, each one of each recording; names, one for each name of a tier.';
