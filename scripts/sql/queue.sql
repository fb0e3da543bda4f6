-- By engine; delayed: for a later attempt; later: for the time that their user has chosen
SELECT engine, ready, delayed, oldest_waits_sec, later, next_later FROM queue_depth;

-- By language
SELECT lang, engine, ready, later, users, oldest_waits_sec FROM waiting_by_language;

-- By user
SELECT user_uuid AS user, ready, later, running, oldest_waits_sec, completed_last_day, failed_last_day, audio_hours_last_day
FROM user_load LIMIT 50;

-- Paused
SELECT engine, instance, host, is_drain, reason, paused_by, paused_at FROM current_pauses;
