-- Two roles with no more rights than their work needs. Run it as the owner of the tables, after every migration; it
-- can be run again: psql "$DATABASE_URL" -f scripts/sql/roles.sql
-- Then give each program a login of its own in one of them, for example:
--   CREATE ROLE lab_worker LOGIN PASSWORD '...' IN ROLE autophon_worker;
--   CREATE ROLE lab_website LOGIN PASSWORD '...' IN ROLE autophon_web;
-- Migrations, and the commands submit, cancel and retry, go on as the owner.

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'autophon_worker') THEN CREATE ROLE autophon_worker NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'autophon_web') THEN CREATE ROLE autophon_web NOLOGIN; END IF;
END $$;

-- No other role may make objects in our schema, whatever the server's defaults are.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO autophon_worker, autophon_web;
-- The functions behind the triggers have the owner's rights and believe what a row says. A role that may put them on a
-- table of their own, a temporary one too, could write history and jobs at will.
REVOKE EXECUTE ON FUNCTION
    guard_task_insert(), guard_task_update(), queue_inserted_tasks(), follow_updated_tasks(), follow_deleted_tasks(),
    first_rank(integer), last_rank(integer), find_ranks(task_to_queue[]), limit_open_tasks(task_to_queue[]),
    has_room(text, integer), queue_tasks(task_to_queue[]), withdraw_jobs(uuid[], bigint[]), move_jobs(task_to_queue[]),
    later_rank(), release_due_jobs(),
    fail_tasks_without_engine(double precision, text[]), work_channel(), notify_workers(), record_updated_tasks(),
    record_inserted_tasks(), refuse_history_change(), remember_deleted_task(), requeue_tasks_without_job(), has_job(uuid),
    is_job_waiting(uuid), find_running_attempts(uuid[], integer[], bigint[], integer[], text[]),
    renew_leases(uuid[], integer[], bigint[], integer[], text[]),
    count_crashes(bigint), find_next_job(text[], text), find_waiting_engines(text[]), task_of_job(jsonb), sweep_jobs(),
    announce_waiting(bigint), find_queue_front(double precision), queue_front(), forget_old_jobs(), find_queue_places(text[]), fill_new_task(),
    keep_task_values(), keep_task_faults(), keep_task_warnings(), refuse_stale_save(), running_jobs(),
    priority_of_rank(bigint), known_formats(), refuse_unknown_formats(), announce_changes(bigint[]),
    announce_added_tasks(), announce_changed_tasks(), announce_deleted_tasks(), site_figures(), record_deliveries(),
    announce_pauses(), learn_times(), expected_run(text, text, double precision, bigint), forecast_tasks(text[]),
    length_class(double precision), run_left(double precision, double precision, double precision)
  FROM PUBLIC;

-- Rights of both roles.
GRANT SELECT ON tasks, task_files, task_events, task_stages, task_status_edges, instances, engines, languages, limits,
             deleted_tasks, chores, site, task_takeovers, attempt_deaths, actions,
             pauses, learned_times, deliveries, webhooks
  TO autophon_worker, autophon_web;
GRANT SELECT ON task_status_counts, queue_depth, active_instances, stuck_tasks, stage_durations, recent_failures, chore_health,
             late_deliveries, current_pauses, waiting_by_language, user_load, running_tasks, failure_counts, failures_by_hour,
             failures_by_day, task_times, throughput_by_hour, instance_load
  TO autophon_worker, autophon_web;

-- The view running_tasks calls them.
GRANT EXECUTE ON FUNCTION expected_run(text, text, double precision, bigint), length_class(double precision),
    run_left(double precision, double precision, double precision)
  TO autophon_worker, autophon_web;

-- Worker: the columns that belong to it, and the queue. It neither makes nor deletes tasks.
GRANT SELECT ON schema_migrations TO autophon_worker;
GRANT UPDATE (task_status, download_path, download_name, log_path, stage, progress, fence, attempts, crashes, instance, status_note,
              error_code, error_message, faults, warnings, no_of_files, no_of_tiers, words, missing_words, audio_seconds,
              size_bytes, started_at, inputs_deleted_at, results_tidy, removal_started_at, removal_xid, traceparent)
  ON tasks TO autophon_worker;
GRANT UPDATE, DELETE ON deleted_tasks TO autophon_worker;
GRANT INSERT, UPDATE ON chores TO autophon_worker;
GRANT UPDATE ON site TO autophon_worker;
GRANT INSERT ON attempt_deaths TO autophon_worker;
GRANT INSERT, UPDATE ON task_files TO autophon_worker;
GRANT INSERT, UPDATE, DELETE ON instances TO autophon_worker;
GRANT DELETE ON actions TO autophon_worker;
GRANT UPDATE (body, state, attempts, next_at, answer, finished_at), DELETE ON deliveries TO autophon_worker;
GRANT INSERT, UPDATE, DELETE ON engines, languages TO autophon_worker;
GRANT EXECUTE ON FUNCTION requeue_tasks_without_job(), work_channel(), notify_workers(), count_crashes(bigint),
    find_next_job(text[], text), find_waiting_engines(text[]), task_of_job(jsonb), sweep_jobs(), announce_waiting(bigint),
    find_queue_front(double precision), queue_front(), forget_old_jobs(), find_queue_places(text[]), fail_tasks_without_engine(double precision, text[]),
    find_running_attempts(uuid[], integer[], bigint[], integer[], text[]),
    renew_leases(uuid[], integer[], bigint[], integer[], text[]), site_figures(), learn_times(), forecast_tasks(text[])
  TO autophon_worker;
GRANT USAGE ON SCHEMA pgboss TO autophon_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pgboss TO autophon_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA pgboss TO autophon_worker;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgboss TO autophon_worker;

-- Web application: the columns that are said to be its own in docs/database.md, and nothing in pgboss. A new row may name
-- all columns but the id, as many libraries do: what is not the application's begins as if it were left out.
GRANT INSERT (task_id, user_uuid, lang, engine, task_status, priority, task_path, download_path, download_name,
              log_path, stage, progress, fence, claim, attempts, crashes, takeovers, instance, job_id, status_note,
              error_code, error_message, faults, warnings, no_of_files, no_of_tiers, words, missing_words, audio_seconds,
              size_bytes, cancel_requested, trans_choice, partial_results, speakers, search, channels, formats, columns, name,
              not_before, notify_url, request_hash, traceparent, queued_at, started_at, finished_at,
              inputs_deleted_at, removal_started_at, removal_xid, results_tidy, created_at, updated_at),
      UPDATE (lang, engine, task_status, priority, task_path, status_note, cancel_requested, trans_choice,
              partial_results, speakers, search, channels, formats, columns, name, not_before, notify_url, request_hash, traceparent),
      DELETE
  ON tasks TO autophon_web;
GRANT INSERT, UPDATE, DELETE ON webhooks TO autophon_web;
