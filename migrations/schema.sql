-- The schema that migrations/ and src/queue/queue.sql make, for readers. "make schema" writes this file; nothing runs it.

-- Types

CREATE TYPE task_to_queue AS (
  id bigint,
  job_id uuid,
  former_job_id uuid,
  user_uuid text,
  priority integer,
  engine text,
  not_before timestamp with time zone
);

-- Tables

CREATE TABLE actions (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  user_uuid text NOT NULL,
  action text NOT NULL,
  priority integer,
  filter jsonb NOT NULL,
  expected_count integer NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  ended_at timestamp with time zone,
  total integer,
  changed integer,
  error text,
  reached text,
  CONSTRAINT action_known CHECK ((action = ANY (ARRAY['cancel'::text, 'retry'::text, 'delete'::text, 'priority'::text]))),
  CONSTRAINT actions_pkey PRIMARY KEY (id),
  CONSTRAINT ended_has_counts_or_error CHECK (((num_nonnulls(total, changed) = ANY (ARRAY[0, 2])) AND
CASE
    WHEN (ended_at IS NULL) THEN (error IS NULL)
    ELSE (num_nonnulls(total, error) > 0)
END)),
  CONSTRAINT priority_set_when_changed CHECK (((action = 'priority'::text) = (priority IS NOT NULL)))
);

CREATE TABLE attempt_deaths (
  task bigint NOT NULL,
  claim text NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT attempt_deaths_pkey PRIMARY KEY (task, claim),
  CONSTRAINT attempt_deaths_task_fkey FOREIGN KEY (task) REFERENCES tasks(id) ON DELETE CASCADE
);

CREATE TABLE chores (
  name text NOT NULL,
  every_sec integer NOT NULL DEFAULT 60,
  run_at timestamp with time zone NOT NULL,
  instance text,
  succeeded_at timestamp with time zone,
  seconds double precision,
  failed_at timestamp with time zone,
  error text,
  CONSTRAINT chores_pkey PRIMARY KEY (name)
);

CREATE TABLE deleted_tasks (
  id bigint NOT NULL,
  task_id text NOT NULL,
  user_uuid text NOT NULL,
  task_path text,
  deleted_at timestamp with time zone NOT NULL DEFAULT now(),
  recorded_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  tried_at timestamp with time zone,
  CONSTRAINT deleted_tasks_pkey PRIMARY KEY (id)
);

CREATE TABLE deliveries (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  task bigint NOT NULL,
  message_id uuid NOT NULL DEFAULT gen_random_uuid(),
  kind text NOT NULL,
  url text,
  status text NOT NULL,
  error_code text,
  ended_at timestamp with time zone NOT NULL,
  body text,
  state text NOT NULL DEFAULT 'waiting'::text,
  attempts integer NOT NULL DEFAULT 0,
  next_at timestamp with time zone NOT NULL DEFAULT now(),
  answer text,
  finished_at timestamp with time zone,
  CONSTRAINT answer_has_at_most_1000_characters CHECK ((length(answer) <= 1000)),
  CONSTRAINT deliveries_pkey PRIMARY KEY (id),
  CONSTRAINT deliveries_task_fkey FOREIGN KEY (task) REFERENCES tasks(id) ON DELETE CASCADE,
  CONSTRAINT delivery_kind_known CHECK ((kind = ANY (ARRAY['webhook'::text, 'command'::text]))),
  CONSTRAINT delivery_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'given up'::text]))),
  CONSTRAINT delivery_tells_an_end CHECK ((status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text]))),
  CONSTRAINT finished_delivery_has_time CHECK (((state = 'waiting'::text) = (finished_at IS NULL))),
  CONSTRAINT webhook_has_url CHECK (((kind = 'webhook'::text) = (url IS NOT NULL)))
);

CREATE TABLE engines (
  name text NOT NULL,
  state text NOT NULL,
  version text,
  note text NOT NULL,
  seen_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT engines_pkey PRIMARY KEY (name)
);

CREATE TABLE imported_dictionaries (
  path text NOT NULL,
  sha256 text NOT NULL,
  imported_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT imported_dictionaries_pkey PRIMARY KEY (path)
);

CREATE TABLE imported_tasks (
  old_id text NOT NULL,
  task bigint NOT NULL,
  fence integer,
  imported_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT imported_tasks_pkey PRIMARY KEY (old_id)
);

CREATE TABLE instances (
  id text NOT NULL,
  host text NOT NULL,
  pid integer NOT NULL,
  version text NOT NULL,
  started_at timestamp with time zone NOT NULL DEFAULT now(),
  seen_at timestamp with time zone NOT NULL DEFAULT now(),
  stopped_at timestamp with time zone,
  died_at timestamp with time zone,
  slots integer NOT NULL,
  busy integer NOT NULL DEFAULT 0,
  paused text,
  paused_since timestamp with time zone,
  engines jsonb NOT NULL DEFAULT '{}'::jsonb,
  runs_done_command boolean NOT NULL DEFAULT false,
  CONSTRAINT instances_pkey PRIMARY KEY (id)
);

CREATE TABLE jobs_checked (
  only_row boolean NOT NULL DEFAULT true,
  engine text NOT NULL DEFAULT ''::text,
  queued_at timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone,
  id bigint NOT NULL DEFAULT 0,
  CONSTRAINT jobs_checked_has_one_row CHECK (only_row),
  CONSTRAINT jobs_checked_pkey PRIMARY KEY (only_row)
);

CREATE TABLE languages (
  code text NOT NULL,
  engine text NOT NULL,
  display_name text NOT NULL,
  alphabet text NOT NULL,
  is_active boolean NOT NULL,
  seen_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT languages_pkey PRIMARY KEY (code)
);

CREATE TABLE learned_times (
  engine text NOT NULL,
  lang text NOT NULL,
  length_class integer,
  tasks integer NOT NULL,
  run_sec double precision NOT NULL,
  audio_sec double precision NOT NULL,
  audio_sec_per_mb double precision,
  sec_per_audio_sec double precision NOT NULL,
  sec_per_audio_sec_90 double precision NOT NULL,
  learned_at timestamp with time zone NOT NULL DEFAULT now()
);

CREATE TABLE limits (
  only_row boolean NOT NULL DEFAULT true,
  user_open_tasks integer NOT NULL DEFAULT 10000,
  CONSTRAINT limits_has_one_row CHECK (only_row),
  CONSTRAINT limits_pkey PRIMARY KEY (only_row),
  CONSTRAINT user_open_tasks_positive CHECK ((user_open_tasks > 0))
);

CREATE TABLE pauses (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  engine text,
  instance text,
  is_drain boolean NOT NULL DEFAULT false,
  reason text,
  paused_by text NOT NULL DEFAULT SESSION_USER,
  paused_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT drain_is_of_one_instance CHECK (((NOT is_drain) OR ((instance IS NOT NULL) AND (engine IS NULL)))),
  CONSTRAINT pause_engine_is_in_capitals CHECK (((engine = upper(engine)) AND (engine <> ''::text) AND (length(engine) <= 200))),
  CONSTRAINT pause_reason_has_at_most_2000_characters CHECK ((length(reason) <= 2000)),
  CONSTRAINT paused_by_has_at_most_200_characters CHECK ((length(paused_by) <= 200)),
  CONSTRAINT pauses_instance_fkey FOREIGN KEY (instance) REFERENCES instances(id) ON DELETE CASCADE,
  CONSTRAINT pauses_pkey PRIMARY KEY (id)
);

CREATE TABLE queue_front (
  only_row boolean NOT NULL DEFAULT true,
  first_rank bigint NOT NULL,
  changes bigint NOT NULL,
  noted_at timestamp with time zone NOT NULL DEFAULT now(),
  running uuid[],
  CONSTRAINT queue_front_has_one_row CHECK (only_row),
  CONSTRAINT queue_front_pkey PRIMARY KEY (only_row)
);

CREATE TABLE schema_migrations (
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now(),
  works_with integer,
  CONSTRAINT schema_migrations_pkey PRIMARY KEY (name)
);

CREATE TABLE site (
  only_row boolean NOT NULL DEFAULT true,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  bound_at timestamp with time zone,
  CONSTRAINT site_has_one_row CHECK (only_row),
  CONSTRAINT site_pkey PRIMARY KEY (only_row)
);

CREATE TABLE task_events (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  task bigint NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  from_status text,
  to_status text NOT NULL,
  stage text,
  fence integer NOT NULL,
  instance text,
  note text,
  CONSTRAINT task_events_pkey PRIMARY KEY (id),
  CONSTRAINT task_events_task_fkey FOREIGN KEY (task) REFERENCES tasks(id) ON DELETE CASCADE
);

CREATE TABLE task_files (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  task bigint NOT NULL,
  kind text NOT NULL,
  path text NOT NULL,
  original_name text NOT NULL,
  sha256 text,
  bytes bigint,
  version text,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  deleted_at timestamp with time zone,
  CONSTRAINT file_kind_known CHECK ((kind = ANY (ARRAY['audio'::text, 'transcript'::text, 'textgrid'::text, 'held'::text, 'output'::text, 'log'::text]))),
  CONSTRAINT file_listed_once UNIQUE (task, path),
  CONSTRAINT task_files_pkey PRIMARY KEY (id),
  CONSTRAINT task_files_task_fkey FOREIGN KEY (task) REFERENCES tasks(id) ON DELETE CASCADE
);

CREATE TABLE task_stages (
  task bigint NOT NULL,
  fence integer NOT NULL,
  stage text NOT NULL,
  started_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamp with time zone,
  seconds double precision GENERATED ALWAYS AS (EXTRACT(epoch FROM (finished_at - started_at))) STORED,
  outcome text,
  CONSTRAINT task_stages_pkey PRIMARY KEY (task, fence, stage),
  CONSTRAINT task_stages_task_fkey FOREIGN KEY (task) REFERENCES tasks(id) ON DELETE CASCADE
);

CREATE TABLE task_status_edges (
  from_status text NOT NULL,
  to_status text NOT NULL,
  CONSTRAINT task_status_edges_pkey PRIMARY KEY (from_status, to_status)
);

CREATE TABLE task_takeovers (
  task bigint NOT NULL,
  fence integer NOT NULL,
  claim text,
  instance text NOT NULL,
  at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT task_takeovers_pkey PRIMARY KEY (task, fence),
  CONSTRAINT task_takeovers_task_fkey FOREIGN KEY (task) REFERENCES tasks(id) ON DELETE CASCADE
);

CREATE TABLE tasks (
  id bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,
  task_id text NOT NULL DEFAULT (gen_random_uuid())::text,
  user_uuid text NOT NULL,
  lang text,
  engine text,
  task_status text NOT NULL DEFAULT 'uploading'::text,
  priority integer NOT NULL DEFAULT 0,
  cancel_requested boolean NOT NULL DEFAULT false,
  task_path text,
  trans_choice text,
  partial_results text,
  speakers text NOT NULL DEFAULT 'tiers'::text,
  search text,
  job_id uuid,
  fence integer NOT NULL DEFAULT 0,
  claim text,
  instance text,
  attempts integer NOT NULL DEFAULT 0,
  crashes integer NOT NULL DEFAULT 0,
  takeovers integer NOT NULL DEFAULT 0,
  stage text,
  progress real NOT NULL DEFAULT 0,
  status_note text,
  download_path text,
  download_name text,
  log_path text,
  error_code text,
  error_message text,
  warnings jsonb NOT NULL DEFAULT '[]'::jsonb,
  no_of_files integer,
  no_of_tiers integer,
  words integer,
  missing_words integer,
  audio_seconds double precision,
  size_bytes bigint,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone NOT NULL DEFAULT now(),
  queued_at timestamp with time zone,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  inputs_deleted_at timestamp with time zone,
  results_tidy boolean NOT NULL DEFAULT false,
  removal_started_at timestamp with time zone,
  removal_xid xid8,
  faults jsonb NOT NULL DEFAULT '[]'::jsonb,
  formats text,
  channels text,
  columns text,
  name text,
  not_before timestamp with time zone,
  notify_url text,
  request_hash text,
  traceparent text,
  CONSTRAINT channels_known CHECK (((length(channels) <= 500) AND (channels ~ '^(mix|split|split:[^,[:cntrl:]]*[^,[:cntrl:][:space:]][^,[:cntrl:]]*(,[^,[:cntrl:]]*[^,[:cntrl:][:space:]][^,[:cntrl:]]*)*)$'::text))),
  CONSTRAINT columns_have_at_most_1000_characters CHECK ((length(columns) <= 1000)),
  CONSTRAINT completed_has_result CHECK (((task_status <> 'completed'::text) OR (download_path IS NOT NULL))),
  CONSTRAINT counts_not_negative CHECK (((fence >= 0) AND (attempts >= 0) AND (crashes >= 0))),
  CONSTRAINT download_name_has_at_most_255_characters CHECK ((length(download_name) <= 255)),
  CONSTRAINT error_message_has_at_most_1000000_characters CHECK (((length(error_message) <= 1000000) AND (length(error_code) <= 100))),
  CONSTRAINT failed_has_reason CHECK (((task_status <> 'failed'::text) OR ((error_code IS NOT NULL) AND (error_message IS NOT NULL)))),
  CONSTRAINT faults_have_at_most_10_megabytes CHECK ((octet_length((faults)::text) <= 10000000)),
  CONSTRAINT faults_is_a_list CHECK ((jsonb_typeof(faults) = 'array'::text)),
  CONSTRAINT finished_at_set_when_final CHECK (((task_status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text, 'expired'::text])) = (finished_at IS NOT NULL))),
  CONSTRAINT formats_have_at_most_200_characters CHECK ((length(formats) <= 200)),
  CONSTRAINT instance_has_at_most_200_characters CHECK ((length(instance) <= 200)),
  CONSTRAINT lang_and_path_set_when_queued CHECK (((task_status <> ALL (ARRAY['uploaded'::text, 'processing'::text])) OR ((lang IS NOT NULL) AND (task_path IS NOT NULL)))),
  CONSTRAINT lang_has_at_most_200_characters CHECK (((length(lang) <= 200) AND (length(engine) <= 200))),
  CONSTRAINT name_has_at_most_200_characters CHECK ((length(name) <= 200)),
  CONSTRAINT not_before_has_four_digit_year CHECK (((not_before >= '0001-01-01 00:00:00+00'::timestamp with time zone) AND (not_before < '10000-01-01 00:00:00+00'::timestamp with time zone))),
  CONSTRAINT notify_url_has_at_most_2000_characters CHECK ((length(notify_url) <= 2000)),
  CONSTRAINT notify_url_is_a_web_address CHECK ((notify_url ~ '^https?://[^[:space:][:cntrl:]]+$'::text)),
  CONSTRAINT partial_results_known CHECK ((partial_results = ANY (ARRAY['fail'::text, 'allow'::text]))),
  CONSTRAINT paths_have_at_most_4096_characters CHECK (((length(task_path) <= 4096) AND (length(download_path) <= 4096) AND (length(log_path) <= 4096))),
  CONSTRAINT priority_in_range CHECK (((priority >= '-1000'::integer) AND (priority <= 1000))),
  CONSTRAINT processing_has_holder CHECK (((task_status <> 'processing'::text) OR ((instance IS NOT NULL) AND (started_at IS NOT NULL) AND (fence > 0)))),
  CONSTRAINT progress_is_a_share CHECK (((progress >= (0)::double precision) AND (progress <= (1)::double precision))),
  CONSTRAINT request_hash_is_sha256 CHECK ((request_hash ~ '^[0-9a-f]{64}$'::text)),
  CONSTRAINT search_known CHECK ((search = ANY (ARRAY['usual'::text, 'wide'::text]))),
  CONSTRAINT speakers_known CHECK ((speakers = ANY (ARRAY['tiers'::text, 'names'::text]))),
  CONSTRAINT stage_known CHECK ((stage = ANY (ARRAY['prepare'::text, 'align'::text, 'package'::text, 'cleanup'::text]))),
  CONSTRAINT status_note_has_at_most_10000_characters CHECK ((length(status_note) <= 10000)),
  CONSTRAINT task_id_is_a_plain_name CHECK (((length(task_id) <= 100) AND (task_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$'::text))),
  CONSTRAINT task_id_unique UNIQUE (task_id),
  CONSTRAINT task_status_known CHECK ((task_status = ANY (ARRAY['uploading'::text, 'uploaded'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'cancelled'::text, 'expired'::text]))),
  CONSTRAINT tasks_pkey PRIMARY KEY (id),
  CONSTRAINT traceparent_has_at_most_200_characters CHECK ((length(traceparent) <= 200)),
  CONSTRAINT trans_choice_has_at_most_10000_characters CHECK ((length(trans_choice) <= 10000)),
  CONSTRAINT user_uuid_is_a_plain_name CHECK (((length(user_uuid) <= 100) AND (user_uuid ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$'::text))),
  CONSTRAINT warnings_have_at_most_10_megabytes CHECK ((octet_length((warnings)::text) <= 10000000)),
  CONSTRAINT warnings_is_a_list CHECK ((jsonb_typeof(warnings) = 'array'::text))
);

CREATE TABLE web_tokens (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  hash bytea NOT NULL,
  user_uuid text NOT NULL,
  role text NOT NULL,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  used_on date,
  CONSTRAINT token_hash_has_32_bytes CHECK ((length(hash) = 32)),
  CONSTRAINT token_is_unique UNIQUE (hash),
  CONSTRAINT token_role_known CHECK ((role = ANY (ARRAY['user'::text, 'viewer'::text, 'operator'::text]))),
  CONSTRAINT token_user_is_a_plain_name CHECK ((user_uuid ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$'::text)),
  CONSTRAINT web_tokens_pkey PRIMARY KEY (id)
);

CREATE TABLE webhooks (
  user_uuid text NOT NULL,
  url text NOT NULL,
  CONSTRAINT webhook_url_has_at_most_2000_characters CHECK ((length(url) <= 2000)),
  CONSTRAINT webhook_url_is_a_web_address CHECK ((url ~ '^https?://[^[:space:][:cntrl:]]+$'::text)),
  CONSTRAINT webhook_user_is_a_plain_name CHECK (((user_uuid = '*'::text) OR ((length(user_uuid) <= 100) AND (user_uuid ~ '^[A-Za-z0-9][A-Za-z0-9._-]*$'::text)))),
  CONSTRAINT webhooks_pkey PRIMARY KEY (user_uuid)
);

-- Indexes that belong to no constraint, also those on the jobs of pg-boss

CREATE INDEX job_by_id ON ONLY pgboss.job USING btree (id);

CREATE INDEX job_running ON ONLY pgboss.job USING btree (((- (priority)::bigint)), ((data ->> 'user'::text))) WHERE ((name = 'align'::text) AND (state = 'active'::pgboss.job_state));

CREATE INDEX job_waiting_by_engine ON ONLY pgboss.job USING btree (COALESCE(group_id, ''::text), ((- (priority)::bigint)), created_on) WHERE ((name = 'align'::text) AND (state < 'active'::pgboss.job_state) AND (NOT blocked));

CREATE INDEX job_waiting_by_user ON ONLY pgboss.job USING btree (((data ->> 'user'::text)), ((- (priority)::bigint))) WHERE ((name = 'align'::text) AND (state < 'active'::pgboss.job_state));

CREATE INDEX actions_to_do ON public.actions USING btree (id) WHERE (ended_at IS NULL);

CREATE INDEX deliveries_finished ON public.deliveries USING btree (finished_at) WHERE (finished_at IS NOT NULL);

CREATE INDEX deliveries_of_task ON public.deliveries USING btree (task);

CREATE INDEX deliveries_waiting ON public.deliveries USING btree (next_at) WHERE (state = 'waiting'::text);

CREATE UNIQUE INDEX learned_once ON public.learned_times USING btree (engine, lang, COALESCE(length_class, '-1'::integer));

CREATE UNIQUE INDEX pause_is_there_once ON public.pauses USING btree (COALESCE(engine, ''::text), COALESCE(instance, ''::text));

CREATE INDEX task_events_of_task ON public.task_events USING btree (task, id);

CREATE INDEX task_files_to_delete ON public.task_files USING btree (task) WHERE ((kind = 'audio'::text) AND (deleted_at IS NULL));

CREATE INDEX tasks_by_error_and_time ON public.tasks USING btree (error_code, created_at, id) WHERE (error_code IS NOT NULL);

CREATE INDEX tasks_by_status ON public.tasks USING btree (task_status, finished_at);

CREATE INDEX tasks_by_status_and_time ON public.tasks USING btree (task_status, created_at, id) WHERE (task_status = ANY (ARRAY['uploading'::text, 'failed'::text, 'cancelled'::text, 'expired'::text]));

CREATE INDEX tasks_newest ON public.tasks USING btree (created_at, id);

CREATE INDEX tasks_of_user ON public.tasks USING btree (user_uuid, task_path);

CREATE INDEX tasks_of_user_by_time ON public.tasks USING btree (user_uuid, created_at, id);

CREATE INDEX tasks_to_clean_up ON public.tasks USING btree (id) WHERE ((task_status = 'completed'::text) AND (stage = 'cleanup'::text));

CREATE INDEX tasks_to_empty ON public.tasks USING btree (task_status, finished_at) WHERE ((task_status = ANY (ARRAY['expired'::text, 'cancelled'::text, 'uploading'::text])) AND ((inputs_deleted_at IS NULL) OR (inputs_deleted_at < finished_at)));

CREATE INDEX tasks_waiting ON public.tasks USING btree (COALESCE(engine, ''::text), queued_at, id) WHERE (task_status = 'uploaded'::text);

CREATE INDEX tasks_with_stale_results ON public.tasks USING btree (finished_at) WHERE ((NOT results_tidy) AND (task_status = 'completed'::text));

-- Views

CREATE VIEW active_instances AS
 SELECT id,
    host,
    pid,
    version,
    started_at,
    seen_at,
    slots,
    busy,
    engines,
    paused,
    paused_since
   FROM instances
  WHERE stopped_at IS NULL AND seen_at > (now() - '00:00:30'::interval)
  ORDER BY started_at;

CREATE VIEW chore_health AS
 SELECT name,
    every_sec,
    run_at,
    succeeded_at,
    round(seconds::numeric, 3) AS seconds,
    failed_at,
    error,
    instance,
    COALESCE(succeeded_at < (now() - (5 * every_sec)::double precision * '00:00:01'::interval), true) AS is_late
   FROM chores
  ORDER BY name;

CREATE VIEW current_pauses AS
 SELECT pauses.id,
    pauses.engine,
    pauses.instance,
    active.host,
    pauses.is_drain,
    pauses.reason,
    pauses.paused_by,
    pauses.paused_at
   FROM pauses
     LEFT JOIN active_instances active ON active.id = pauses.instance
  WHERE pauses.instance IS NULL OR active.id IS NOT NULL
  ORDER BY pauses.paused_at, pauses.id;

CREATE VIEW failure_counts AS
 SELECT error_code,
    count(*) FILTER (WHERE finished_at > (now() - '01:00:00'::interval)) AS last_hour,
    count(*) FILTER (WHERE finished_at > (now() - '1 day'::interval)) AS last_day,
    count(*) AS last_week,
    count(DISTINCT user_uuid) AS users,
    max(finished_at) AS newest
   FROM tasks
  WHERE task_status = 'failed'::text AND finished_at > (now() - '7 days'::interval)
  GROUP BY error_code
  ORDER BY (count(*) FILTER (WHERE finished_at > (now() - '01:00:00'::interval))) DESC, (count(*) FILTER (WHERE finished_at > (now() - '1 day'::interval))) DESC, (count(*)) DESC, error_code;

CREATE VIEW failures_by_day AS
 SELECT day,
    sum(failures) AS failures,
    string_agg((error_code || ' '::text) || failures, ', '::text ORDER BY counted.failures DESC, error_code) AS codes
   FROM ( SELECT tasks.finished_at::date AS day,
            tasks.error_code,
            count(*) AS failures
           FROM tasks
          WHERE tasks.task_status = 'failed'::text AND tasks.finished_at > (now() - '30 days'::interval)
          GROUP BY (tasks.finished_at::date), tasks.error_code) counted
  GROUP BY day
  ORDER BY day DESC;

CREATE VIEW failures_by_hour AS
 SELECT hour,
    sum(failures) AS failures,
    string_agg((error_code || ' '::text) || failures, ', '::text ORDER BY counted.failures DESC, error_code) AS codes
   FROM ( SELECT date_trunc('hour'::text, tasks.finished_at) AS hour,
            tasks.error_code,
            count(*) AS failures
           FROM tasks
          WHERE tasks.task_status = 'failed'::text AND tasks.finished_at > (now() - '2 days'::interval)
          GROUP BY (date_trunc('hour'::text, tasks.finished_at)), tasks.error_code) counted
  GROUP BY hour
  ORDER BY hour DESC;

CREATE VIEW instance_load AS
 SELECT active.id,
    active.host,
    active.pid,
    active.version,
    active.slots,
    ( SELECT count(*) AS count
           FROM tasks
          WHERE tasks.task_status = 'processing'::text AND tasks.instance = active.id) AS busy,
    ( SELECT string_agg(jsonb_each.key, ', '::text ORDER BY jsonb_each.key) AS string_agg
           FROM jsonb_each(active.engines) jsonb_each(key, value)
          WHERE (jsonb_each.value ->> 'state'::text) = 'ready'::text) AS engines,
    COALESCE(ended.completed, 0::bigint) AS completed_last_hour,
    COALESCE(ended.failed, 0::bigint) AS failed_last_hour,
    COALESCE(active.paused, ( SELECT string_agg((((
                CASE
                    WHEN pauses.is_drain THEN 'drained'::text
                    ELSE 'paused'::text
                END || ' by '::text) || pauses.paused_by) || COALESCE(', '::text || pauses.engine, ''::text)) || COALESCE(': '::text || pauses.reason, ''::text), '; '::text ORDER BY pauses.paused_at) AS string_agg
           FROM pauses
          WHERE pauses.instance IS NULL OR pauses.instance = active.id)) AS paused,
    active.started_at,
    active.seen_at
   FROM active_instances active
     LEFT JOIN ( SELECT tasks.instance,
            count(*) FILTER (WHERE tasks.task_status = 'completed'::text) AS completed,
            count(*) FILTER (WHERE tasks.task_status = 'failed'::text) AS failed
           FROM tasks
          WHERE (tasks.task_status = ANY (ARRAY['completed'::text, 'failed'::text])) AND tasks.finished_at > (now() - '01:00:00'::interval)
          GROUP BY tasks.instance) ended ON ended.instance = active.id
  ORDER BY active.started_at;

CREATE VIEW late_deliveries AS
 SELECT tasks.task_id,
    tasks.user_uuid,
    deliveries.kind,
    deliveries.url,
    deliveries.attempts,
    deliveries.next_at,
    deliveries.ended_at,
    deliveries.answer
   FROM deliveries
     JOIN tasks ON tasks.id = deliveries.task
  WHERE deliveries.state = 'waiting'::text AND deliveries.ended_at < (now() - '00:05:00'::interval)
  ORDER BY deliveries.ended_at;

CREATE VIEW queue_depth AS
 SELECT group_id AS engine,
    count(*) FILTER (WHERE NOT blocked AND start_after <= now()) AS ready,
    count(*) FILTER (WHERE NOT blocked AND start_after > now()) AS delayed,
    min(start_after) FILTER (WHERE NOT blocked) AS oldest,
    GREATEST(0::numeric, round(EXTRACT(epoch FROM now() - min(start_after) FILTER (WHERE NOT blocked)))) AS oldest_waits_sec,
    count(*) FILTER (WHERE blocked) AS later,
    min(start_after) FILTER (WHERE blocked) AS next_later
   FROM pgboss.job
  WHERE name = 'align'::text AND state < 'active'::pgboss.job_state
  GROUP BY group_id
  ORDER BY group_id;

CREATE VIEW recent_failures AS
 SELECT task_id,
    user_uuid,
    lang,
    error_code,
    "left"(error_message, 200) AS error_message,
    attempts,
    crashes,
    finished_at
   FROM tasks
  WHERE task_status = 'failed'::text
  ORDER BY finished_at DESC
 LIMIT 50;

CREATE VIEW running_tasks AS
 SELECT tasks.task_id,
    tasks.user_uuid,
    tasks.lang,
    tasks.engine,
    tasks.stage,
    round(tasks.progress::numeric, 3) AS progress,
    tasks.instance,
    instances.host,
    tasks.fence,
    tasks.started_at,
    round(EXTRACT(epoch FROM now() - tasks.started_at)) AS running_sec,
    round(run_left(tasks.progress::double precision, EXTRACT(epoch FROM now() - tasks.started_at)::double precision, run.run_sec)) AS left_sec,
    round(run_left(tasks.progress::double precision, EXTRACT(epoch FROM now() - tasks.started_at)::double precision, run.run_90_sec)) AS left_90_sec
   FROM tasks
     LEFT JOIN instances ON instances.id = tasks.instance
     LEFT JOIN LATERAL expected_run(tasks.engine, tasks.lang, tasks.audio_seconds, tasks.size_bytes) run(run_sec, run_90_sec) ON true
  WHERE tasks.task_status = 'processing'::text
  ORDER BY tasks.started_at;

CREATE VIEW stage_durations AS
 SELECT tasks.engine,
    task_stages.stage,
    count(*) AS runs,
    round(avg(task_stages.seconds)::numeric, 3) AS mean_sec,
    round(percentile_cont(0.5::double precision) WITHIN GROUP (ORDER BY task_stages.seconds)::numeric, 3) AS median_sec,
    round(max(task_stages.seconds)::numeric, 3) AS max_sec,
    round((sum(task_stages.seconds) / NULLIF(sum(tasks.audio_seconds), 0::double precision))::numeric, 4) AS sec_per_audio_sec
   FROM task_stages
     JOIN tasks ON tasks.id = task_stages.task
  WHERE task_stages.outcome = 'done'::text AND task_stages.started_at > (now() - '30 days'::interval)
  GROUP BY tasks.engine, task_stages.stage
  ORDER BY tasks.engine, task_stages.stage;

CREATE VIEW stuck_tasks AS
 SELECT tasks.task_id,
    tasks.user_uuid,
    tasks.lang,
    tasks.stage,
    tasks.fence,
    tasks.instance,
    job.state AS job_state,
    job.heartbeat_on AS last_sign_of_life,
    tasks.updated_at
   FROM tasks
     LEFT JOIN pgboss.job job ON job.name = 'align'::text AND job.id = tasks.job_id
  WHERE tasks.task_status = 'processing'::text AND (job.state IS DISTINCT FROM 'active'::pgboss.job_state OR job.heartbeat_on < (now() - job.heartbeat_seconds::double precision * '00:00:01'::interval))
  ORDER BY tasks.updated_at;

CREATE VIEW task_status_counts AS
 SELECT task_status,
    count(*) AS tasks,
    min(created_at) AS oldest
   FROM tasks
  GROUP BY task_status
  ORDER BY task_status;

CREATE VIEW task_times AS
 SELECT engine,
    lang,
    count(*) AS tasks,
    round(percentile_cont(0.5::double precision) WITHIN GROUP (ORDER BY (wait_sec::double precision))::numeric, 1) AS wait_median_sec,
    round(percentile_cont(0.95::double precision) WITHIN GROUP (ORDER BY (wait_sec::double precision))::numeric, 1) AS wait_p95_sec,
    round(percentile_cont(0.5::double precision) WITHIN GROUP (ORDER BY (run_sec::double precision))::numeric, 1) AS run_median_sec,
    round(percentile_cont(0.95::double precision) WITHIN GROUP (ORDER BY (run_sec::double precision))::numeric, 1) AS run_p95_sec
   FROM ( SELECT tasks.engine,
            tasks.lang,
            GREATEST(0::numeric, EXTRACT(epoch FROM tasks.started_at - GREATEST(tasks.queued_at, tasks.not_before))) AS wait_sec,
            EXTRACT(epoch FROM tasks.finished_at - tasks.started_at) AS run_sec
           FROM tasks
          WHERE tasks.task_status = 'completed'::text AND tasks.finished_at > (now() - '7 days'::interval)) done
  GROUP BY engine, lang
  ORDER BY (count(*)) DESC, engine, lang;

CREATE VIEW throughput_by_hour AS
 SELECT date_trunc('hour'::text, finished_at) AS hour,
    count(*) FILTER (WHERE task_status = 'completed'::text) AS completed,
    count(*) FILTER (WHERE task_status = 'failed'::text) AS failed,
    count(*) FILTER (WHERE task_status = 'cancelled'::text) AS cancelled,
    round((COALESCE(sum(audio_seconds) FILTER (WHERE task_status = 'completed'::text), 0::double precision) / 3600::double precision)::numeric, 2) AS audio_hours,
    COALESCE(sum(words) FILTER (WHERE task_status = 'completed'::text), 0::bigint) AS words
   FROM tasks
  WHERE (task_status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])) AND finished_at > (now() - '2 days'::interval)
  GROUP BY (date_trunc('hour'::text, finished_at))
  ORDER BY (date_trunc('hour'::text, finished_at)) DESC;

CREATE VIEW user_load AS
 WITH open AS (
         SELECT its.user_uuid,
            count(*) FILTER (WHERE its.task_status = 'uploaded'::text AND its.due <= now()) AS ready,
            count(*) FILTER (WHERE its.task_status = 'uploaded'::text AND its.due > now()) AS later,
            count(*) FILTER (WHERE its.task_status = 'processing'::text) AS running,
            round(EXTRACT(epoch FROM now() - min(its.due) FILTER (WHERE its.task_status = 'uploaded'::text AND its.due <= now()))) AS oldest_waits_sec
           FROM ( SELECT tasks.user_uuid,
                    tasks.task_status,
                    GREATEST(tasks.queued_at, tasks.not_before) AS due
                   FROM tasks
                  WHERE tasks.task_status = ANY (ARRAY['uploaded'::text, 'processing'::text])) its
          GROUP BY its.user_uuid
        ), ended AS (
         SELECT tasks.user_uuid,
            count(*) FILTER (WHERE tasks.task_status = 'completed'::text) AS completed,
            count(*) FILTER (WHERE tasks.task_status = 'failed'::text) AS failed,
            sum(tasks.audio_seconds) FILTER (WHERE tasks.task_status = 'completed'::text) / 3600::double precision AS audio_hours
           FROM tasks
          WHERE (tasks.task_status = ANY (ARRAY['completed'::text, 'failed'::text])) AND tasks.finished_at > (now() - '1 day'::interval)
          GROUP BY tasks.user_uuid
        )
 SELECT user_uuid,
    COALESCE(open.ready, 0::bigint) AS ready,
    COALESCE(open.later, 0::bigint) AS later,
    COALESCE(open.running, 0::bigint) AS running,
    open.oldest_waits_sec,
    COALESCE(ended.completed, 0::bigint) AS completed_last_day,
    COALESCE(ended.failed, 0::bigint) AS failed_last_day,
    round(COALESCE(ended.audio_hours, 0::double precision)::numeric, 2) AS audio_hours_last_day
   FROM open
     FULL JOIN ended USING (user_uuid)
  ORDER BY (COALESCE(open.ready, 0::bigint)) DESC, (COALESCE(open.running, 0::bigint)) DESC, (COALESCE(ended.completed, 0::bigint)) DESC, user_uuid;

CREATE VIEW waiting_by_language AS
 SELECT lang,
    engine,
    count(*) FILTER (WHERE due <= now()) AS ready,
    count(*) FILTER (WHERE due > now()) AS later,
    count(DISTINCT user_uuid) AS users,
    round(EXTRACT(epoch FROM now() - min(due) FILTER (WHERE due <= now()))) AS oldest_waits_sec
   FROM ( SELECT tasks.lang,
            tasks.engine,
            tasks.user_uuid,
            GREATEST(tasks.queued_at, tasks.not_before) AS due
           FROM tasks
          WHERE tasks.task_status = 'uploaded'::text) waiting
  GROUP BY lang, engine
  ORDER BY (count(*) FILTER (WHERE due <= now())) DESC, lang;

-- Functions

CREATE OR REPLACE FUNCTION public.announce_added_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM announce_changes(ARRAY(SELECT id FROM added LIMIT 21));
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.announce_changed_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM announce_changes(ARRAY(SELECT id FROM updated LIMIT 21));
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.announce_changes(ids bigint[])
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'public', 'pg_temp'
AS $function$
  SELECT pg_notify('autophon_task_changed',
                   CASE WHEN cardinality(ids) > 20 THEN 'many' ELSE array_to_string(ids, ',') END)
  WHERE cardinality(ids) > 0
$function$;

CREATE OR REPLACE FUNCTION public.announce_deleted_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM announce_changes(ARRAY(SELECT id FROM deleted LIMIT 21));
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.announce_pauses()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM pg_notify('autophon_pauses', '');
  PERFORM notify_workers();
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.announce_waiting(smallest_rank bigint)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  LOCK TABLE queue_front IN ROW SHARE MODE;
  -- With other isolation levels the rank that is read may be older than the lock.
  IF current_setting('transaction_isolation') <> 'read committed'
    OR smallest_rank < (SELECT first_rank FROM queue_front WHERE only_row) THEN
    PERFORM nextval('queue_front_changes');
  END IF;
END $function$;

CREATE OR REPLACE FUNCTION public.count_crashes(task_id bigint)
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
 SET jit TO 'off'
AS $function$
  SELECT count(*)::integer
  FROM task_takeovers AS takeover LEFT JOIN instances ON instances.id = takeover.instance
  WHERE takeover.task = task_id
    -- One that signed off and had to leave an attempt behind was told to stop: that is no crash.
    AND instances.stopped_at IS NULL
    AND (EXISTS (SELECT FROM attempt_deaths AS death WHERE death.task = task_id AND death.claim = takeover.claim)
         OR instances.died_at IS NULL AND instances.seen_at <= takeover.at AND takeover.at < now() - interval '10 minutes')
$function$;

CREATE OR REPLACE FUNCTION public.expected_run(its_engine text, its_lang text, its_audio_sec double precision, its_bytes bigint)
 RETURNS TABLE(run_sec double precision, run_90_sec double precision)
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$
  WITH usual AS (
    SELECT audio_sec, audio_sec_per_mb FROM learned_times
    WHERE engine = its_engine AND lang IN (its_lang, '') AND length_class IS NULL ORDER BY lang DESC LIMIT 1
  ), known AS (
    SELECT coalesce(its_audio_sec, its_bytes / 1000000.0 * audio_sec_per_mb, audio_sec) AS audio_sec FROM usual
  )
  SELECT known.audio_sec * sec_per_audio_sec, known.audio_sec * sec_per_audio_sec_90
  FROM known CROSS JOIN LATERAL (
    SELECT sec_per_audio_sec, sec_per_audio_sec_90 FROM learned_times
    WHERE engine = its_engine AND lang IN (its_lang, '')
      AND (length_class IS NULL OR lang <> '' AND length_class = length_class(known.audio_sec))
    ORDER BY lang DESC, length_class NULLS LAST LIMIT 1) AS fitting
$function$;

CREATE OR REPLACE FUNCTION public.fail_tasks_without_engine(wait_sec double precision, known_engines text[])
 RETURNS SETOF text
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
 SET jit TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  at_once CONSTANT integer := 1000;
  waited CONSTANT interval := wait_sec * interval '1 second';
  missing text;
BEGIN
  FOR missing IN
    SELECT engine FROM unnest(known_engines) AS engine
    WHERE NOT EXISTS (SELECT FROM active_instances WHERE engines -> engine ->> 'state' = 'ready')
      AND NOT EXISTS (
        SELECT FROM instances WHERE now() - waited < CASE engines -> engine ->> 'state' WHEN 'ready' THEN seen_at
          ELSE (engines -> engine ->> 'readyUntil')::timestamptz END)
  LOOP
    RETURN QUERY
    UPDATE tasks SET task_status = 'failed', error_code = 'E_ENGINE_MISSING',
      error_message = format('engine %s: no running instance has had it for %s s; install it on one '
        '("autophon doctor" says what is missing), then queue the task again with "autophon retry %s"',
        missing, round(extract(epoch FROM now() - greatest(tasks.queued_at, tasks.not_before))), tasks.task_id)
    WHERE tasks.id = ANY (ARRAY(
        SELECT id FROM tasks
        WHERE task_status = 'uploaded' AND coalesce(engine, '') = missing AND queued_at < now() - waited
          AND (not_before IS NULL OR not_before < now() - waited)
        ORDER BY coalesce(engine, ''), queued_at, id LIMIT at_once))
      AND tasks.task_status || '' = 'uploaded' AND tasks.queued_at < now() - waited
      AND (tasks.not_before IS NULL OR tasks.not_before < now() - waited)
    RETURNING tasks.task_id;
  END LOOP;
END $function$;

CREATE OR REPLACE FUNCTION public.fill_new_task()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  NEW.id := coalesce(NEW.id, nextval('tasks_id_seq'));
  NEW.task_id := coalesce(NEW.task_id, gen_random_uuid()::text);
  NEW.task_status := coalesce(NEW.task_status, 'uploading');
  NEW.priority := coalesce(NEW.priority, 0);
  NEW.speakers := coalesce(NEW.speakers, 'tiers');
  NEW.created_at := coalesce(NEW.created_at, now());

  -- Asked for from the start, it could not be asked for any more. In an INSERT that becomes an update of a row that is there
  -- (ON CONFLICT), it is asked for now.
  NEW.cancel_requested := coalesce(NEW.cancel_requested, false)
    AND EXISTS (SELECT FROM tasks WHERE task_id = NEW.task_id);
  NEW.updated_at := now();
  NEW.progress := 0;
  NEW.fence := 0;
  NEW.attempts := 0;
  NEW.crashes := 0;
  NEW.takeovers := 0;
  NEW.warnings := '[]';
  NEW.results_tidy := false;
  NEW.claim := NULL;
  NEW.job_id := NULL;
  NEW.instance := NULL;
  NEW.stage := NULL;
  NEW.download_path := NULL;
  NEW.download_name := NULL;
  NEW.log_path := NULL;
  NEW.error_code := NULL;
  NEW.error_message := NULL;
  NEW.no_of_tiers := NULL;
  NEW.words := NULL;
  NEW.missing_words := NULL;
  NEW.audio_seconds := NULL;
  NEW.queued_at := NULL;
  NEW.started_at := NULL;
  NEW.finished_at := NULL;
  NEW.inputs_deleted_at := NULL;
  NEW.removal_started_at := NULL;
  NEW.removal_xid := NULL;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.find_next_job(without_engines text[], for_instance text DEFAULT NULL::text)
 RETURNS uuid
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
DECLARE
  front bigint := queue_front();
  found uuid;
  one text;
  job_id uuid;
  job_data jsonb;
BEGIN
  IF EXISTS (SELECT FROM pauses WHERE engine IS NULL AND (instance IS NULL OR instance = for_instance)) THEN
    RETURN NULL;
  END IF;
  without_engines := without_engines
    || ARRAY(SELECT engine FROM pauses WHERE engine IS NOT NULL AND (instance IS NULL OR instance = for_instance));
  IF without_engines = '{}' THEN
    SELECT job.id INTO found
    FROM tasks JOIN pgboss.job ON tasks.id = task_of_job(job.data)
    WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
      AND job.priority <= least(2147483647, -front)::integer
    ORDER BY job.priority DESC, job.created_on
    LIMIT 1 FOR UPDATE SKIP LOCKED;
  ELSE
    FOR one IN SELECT * FROM find_waiting_engines(without_engines) LOOP
      SELECT job.id INTO found
      FROM tasks JOIN pgboss.job ON tasks.id = task_of_job(job.data)
      WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
        AND coalesce(job.group_id, '') = one AND -job.priority::bigint >= front
      ORDER BY -job.priority::bigint, job.created_on
      LIMIT 1 FOR UPDATE SKIP LOCKED;
      EXIT WHEN found IS NOT NULL;
    END LOOP;
  END IF;
  IF found IS NULL THEN
    -- Look for a job whose row is gone; the claim then ends that job. Only the first hundred of each engine are read,
    -- since other sessions may have locked all rows. In a loop: a join may read the whole queue for each job.
    FOR job_id, job_data IN
      SELECT first.id, first.data
      FROM find_waiting_engines(without_engines) AS engine CROSS JOIN LATERAL (
        SELECT id, data FROM pgboss.job
        WHERE name = 'align' AND state < 'active' AND NOT blocked AND start_after <= now() AND coalesce(group_id, '') = engine
          AND -priority::bigint >= front
        ORDER BY -priority::bigint, created_on LIMIT 100) AS first
    LOOP
      IF NOT EXISTS (SELECT FROM tasks WHERE id = task_of_job(job_data)) THEN
        SELECT id INTO found FROM pgboss.job
        WHERE id = job_id AND state::text IN ('created', 'retry') FOR UPDATE SKIP LOCKED;
        EXIT WHEN found IS NOT NULL;
      END IF;
    END LOOP;
  END IF;
  RETURN found;
END $function$;

CREATE OR REPLACE FUNCTION public.find_queue_front(pause_sec double precision DEFAULT 3)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
DECLARE
  age_sec double precision := (SELECT extract(epoch FROM clock_timestamp() - noted_at) FROM queue_front WHERE only_row);
  now_first bigint;
  now_changes bigint;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' OR age_sec >= 0 AND age_sec < pause_sec THEN
    RETURN;
  END IF;
  BEGIN
    LOCK TABLE queue_front IN EXCLUSIVE MODE NOWAIT;
  EXCEPTION WHEN lock_not_available THEN
    IF age_sec < 0 OR age_sec > 60 THEN
      PERFORM nextval('queue_front_changes');
    END IF;
    RETURN;
  END;
  SELECT last_value INTO now_changes FROM queue_front_changes;
  -- One less, because a user without waiting tasks may get the rank before the first.
  now_first := (SELECT -priority::bigint - 1 FROM pgboss.job WHERE name = 'align' AND state < 'active' AND NOT blocked
                ORDER BY priority DESC LIMIT 1);
  -- If nothing waits, a number after all ranks: each job that is queued counts a change.
  now_first := coalesce(now_first, 2147483648);
  UPDATE queue_front SET first_rank = now_first, changes = now_changes, running = ARRAY(SELECT id FROM running_jobs()),
    noted_at = clock_timestamp() WHERE only_row;
END $function$;

CREATE OR REPLACE FUNCTION public.find_queue_places(task_ids text[])
 RETURNS TABLE(task_id text, ahead integer, delay_sec double precision)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
DECLARE
  at_most CONSTANT integer := 10000;
BEGIN
  RETURN QUERY
  WITH wanted AS MATERIALIZED (
    SELECT tasks.task_id, job.priority, job.created_on, job.start_after
    FROM tasks JOIN pgboss.job AS job ON job.id = tasks.job_id AND job.state::text IN ('created', 'retry')
    WHERE tasks.task_id = ANY (task_ids) AND tasks.task_status || '' = 'uploaded'
  ), front AS MATERIALIZED (
    SELECT job.priority, job.created_on FROM pgboss.job AS job
    WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND job.start_after <= now()
      AND job.priority >= (SELECT min(wanted.priority) FROM wanted)
    ORDER BY job.name, job.priority DESC, job.created_on LIMIT at_most
  ), placed AS (
    SELECT both_kinds.task_id, both_kinds.start_after,
           count(*) FILTER (WHERE both_kinds.task_id IS NULL) OVER (
             ORDER BY both_kinds.priority DESC, both_kinds.created_on
             GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ahead
    FROM (SELECT wanted.task_id, wanted.start_after, wanted.priority, wanted.created_on FROM wanted
          UNION ALL SELECT NULL, NULL, front.priority, front.created_on FROM front) AS both_kinds
  )
  SELECT placed.task_id, placed.ahead::integer,
         greatest(0, extract(epoch FROM placed.start_after - now()))::double precision
  FROM placed WHERE placed.task_id IS NOT NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.find_ranks(queued task_to_queue[])
 RETURNS TABLE(id bigint, job_id uuid, user_uuid text, engine text, rank integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
#variable_conflict use_column
DECLARE
  front bigint := queue_front();
BEGIN
  RETURN QUERY
  WITH changed AS MATERIALIZED (
    SELECT id, job_id, user_uuid, priority, coalesce(engine, '') AS engine,
           CASE WHEN former_job_id IS NOT NULL THEN
             (SELECT -job.priority::bigint FROM pgboss.job AS job
              WHERE job.id = former_job_id
                AND -job.priority::bigint BETWEEN first_rank(one.priority) AND last_rank(one.priority)) END AS kept
    FROM unnest(queued) AS one
  ), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY user_uuid, priority ORDER BY id)::integer AS nth
    FROM changed WHERE kept IS NULL
  ), running AS MATERIALIZED (
    SELECT its.*, priority_of_rank(its.rank) AS priority FROM running_jobs() AS its
  ), users AS MATERIALIZED (
    SELECT its.user_uuid, its.priority, at_work.user_uuid IS NOT NULL AS is_at_work,
           (SELECT -job.priority::bigint FROM pgboss.job AS job
            WHERE job.name = 'align' AND job.state < 'active' AND job.data ->> 'user' = its.user_uuid
              AND -job.priority::bigint BETWEEN greatest(front, first_rank(its.priority)) AND last_rank(its.priority)
            ORDER BY job.data ->> 'user' DESC, -job.priority::bigint DESC LIMIT 1) - first_rank(its.priority) + 1 AS last_turn
    FROM (SELECT DISTINCT user_uuid, priority FROM numbered) AS its
      LEFT JOIN (SELECT DISTINCT user_uuid, priority FROM running) AS at_work USING (user_uuid, priority)
  ), heads AS (
    SELECT its.engine, its.priority,
           (SELECT -job.priority::bigint FROM pgboss.job AS job
            WHERE job.name = 'align' AND job.state < 'active' AND NOT job.blocked AND coalesce(job.group_id, '') = its.engine
              AND -job.priority::bigint BETWEEN greatest(front, first_rank(its.priority)) AND last_rank(its.priority)
            ORDER BY coalesce(job.group_id, ''), -job.priority::bigint LIMIT 1) - first_rank(its.priority) + 1 AS first_turn,
           -- Each engine has its own served turn: some workers run only one engine, so engines progress at different
           -- speeds.
           coalesce(of_engine.last, of_all.last) - first_rank(its.priority) + 1 AS running_turn
    FROM (SELECT DISTINCT engine, priority FROM numbered) AS its
      LEFT JOIN (SELECT engine, priority, max(rank) AS last FROM running GROUP BY engine, priority) AS of_engine
        USING (engine, priority)
      LEFT JOIN (SELECT priority, max(rank) AS last FROM running GROUP BY priority) AS of_all USING (priority)
  ), engines AS MATERIALIZED (
    SELECT engine, priority, first_turn, coalesce(running_turn, ((first_turn - 1) | 1) - 1, 0) & ~1 AS served FROM heads
  ), started AS (
    SELECT numbered.*, engines.served,
           CASE WHEN last_turn IS NOT NULL THEN greatest((last_turn + 2) & ~1, served + 2)
                WHEN is_at_work THEN served + 2
                ELSE least(served + 1, (first_turn - 1) | 1) END AS own_first
    FROM numbered JOIN users USING (user_uuid, priority) JOIN engines USING (engine, priority)
  ), turns AS (
    -- The turn of the nth task is two more than the turn before it, and at least served + 2.
    SELECT id, job_id, user_uuid, engine, priority,
           CASE WHEN nth = 1 THEN own_first
                ELSE 2 * nth + max(CASE WHEN nth = 1 THEN (own_first & ~1) - 2 ELSE served + 2 - 2 * nth END)
                  OVER (PARTITION BY user_uuid, priority ORDER BY nth) END AS turn
    FROM started
  )
  -- Tasks after the last turn share its rank, and so go by age.
  SELECT id, job_id, user_uuid, nullif(engine, ''), (first_rank(priority) + least(1999999, turn - 1))::integer FROM turns
  UNION ALL
  SELECT id, job_id, user_uuid, nullif(engine, ''), kept::integer FROM changed WHERE kept IS NOT NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.find_running_attempts(job_ids uuid[], retry_counts integer[], task_ids bigint[], fences integer[], claims text[])
 RETURNS TABLE(n integer, job_id uuid, retry_count integer)
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
  SELECT asked.n::integer, asked.job_id, asked.retry_count
  FROM unnest(job_ids, retry_counts, task_ids, fences, claims) WITH ORDINALITY
      AS asked (job_id, retry_count, task, fence, claim, n)
    JOIN tasks ON tasks.id = asked.task AND tasks.fence = asked.fence AND tasks.claim = asked.claim
      AND tasks.job_id = asked.job_id AND tasks.task_status || '' = 'processing'
    JOIN pgboss.job AS job ON job.id = asked.job_id AND job.retry_count = asked.retry_count AND job.state::text = 'active'
$function$;

CREATE OR REPLACE FUNCTION public.find_waiting_engines(without_engines text[])
 RETURNS SETOF text
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
  WITH RECURSIVE waiting (engine) AS (
    (SELECT coalesce(group_id, '') FROM pgboss.job
     WHERE name = 'align' AND state < 'active' AND NOT blocked AND -priority::bigint >= (SELECT queue_front())
     ORDER BY coalesce(group_id, '') LIMIT 1)
    UNION ALL
    SELECT (SELECT coalesce(group_id, '') FROM pgboss.job
            WHERE name = 'align' AND state < 'active' AND NOT blocked AND coalesce(group_id, '') > waiting.engine
              AND -priority::bigint >= (SELECT queue_front())
            ORDER BY coalesce(group_id, '') LIMIT 1)
    FROM waiting WHERE waiting.engine IS NOT NULL
  )
  SELECT engine
  FROM waiting CROSS JOIN LATERAL (
    SELECT priority, created_on FROM pgboss.job
    WHERE name = 'align' AND state < 'active' AND NOT blocked AND start_after <= now() AND coalesce(group_id, '') = engine
      AND -priority::bigint >= (SELECT queue_front())
    ORDER BY -priority::bigint, created_on LIMIT 1) AS first
  WHERE engine IS NOT NULL AND engine <> ALL (without_engines)
  ORDER BY first.priority DESC, first.created_on
$function$;

CREATE OR REPLACE FUNCTION public.first_rank(task_priority integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT - task_priority * 2000000
$function$;

CREATE OR REPLACE FUNCTION public.follow_deleted_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM withdraw_jobs(
    ARRAY(SELECT job_id FROM deleted WHERE task_status IN ('uploaded', 'processing')),
    ARRAY(SELECT id FROM deleted WHERE task_status = 'processing'));
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.follow_updated_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
 SET jit TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  withdrawn uuid[];
  running bigint[];
  let_in task_to_queue[];
  queued task_to_queue[];
  moved task_to_queue[];
BEGIN
  SELECT array_agg(job_id) FILTER (WHERE is_withdrawn),
         coalesce(array_agg(id) FILTER (WHERE is_withdrawn AND former_status = 'processing'), '{}'),
         array_agg(task) FILTER (WHERE task_status = 'uploaded' AND former_status IN ('uploading', 'failed', 'cancelled')),
         array_agg(task) FILTER (WHERE task_status = 'uploaded' AND has_new_job),
         array_agg(task) FILTER (WHERE task_status = 'uploaded' AND NOT has_new_job AND has_new_place)
  INTO withdrawn, running, let_in, queued, moved
  FROM (
    SELECT former.id, former.job_id, former.task_status AS former_status, updated.task_status,
           former.job_id IS DISTINCT FROM updated.job_id AS has_new_job,
           former.priority <> updated.priority OR former.not_before IS DISTINCT FROM updated.not_before AS has_new_place,
           former.task_status IN ('uploaded', 'processing')
             AND (updated.task_status IN ('cancelled', 'failed', 'expired') OR former.job_id IS DISTINCT FROM updated.job_id)
             AS is_withdrawn,
           ROW(updated.id, updated.job_id,
               CASE WHEN former.task_status IN ('uploaded', 'processing') THEN former.job_id END,
               updated.user_uuid, updated.priority, updated.engine, updated.not_before)::task_to_queue AS task
    FROM former JOIN updated USING (id)
    WHERE former.task_status <> updated.task_status OR former.job_id IS DISTINCT FROM updated.job_id
      OR former.priority <> updated.priority OR former.not_before IS DISTINCT FROM updated.not_before
  ) AS changes;
  IF withdrawn IS NOT NULL THEN
    PERFORM withdraw_jobs(withdrawn, running);
  END IF;
  IF let_in IS NOT NULL THEN
    PERFORM limit_open_tasks(let_in);
  END IF;
  IF queued IS NOT NULL THEN
    PERFORM queue_tasks(queued);
  END IF;
  IF moved IS NOT NULL THEN
    PERFORM move_jobs(moved);
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.forecast_tasks(task_ids text[])
 RETURNS TABLE(task_id text, ahead integer, delay_sec double precision, start_sec double precision, left_sec double precision, left_90_sec double precision)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
BEGIN
  RETURN QUERY
  WITH slots AS MATERIALIZED (
    SELECT engine.key AS engine, sum(active.slots)::double precision AS slots
    FROM active_instances AS active CROSS JOIN LATERAL jsonb_each(active.engines) AS engine
    -- "autophon process" is an instance without slots.
    WHERE active.slots > 0 AND engine.value ->> 'state' = 'ready' AND active.paused IS NULL AND NOT EXISTS (
      SELECT FROM pauses WHERE (pauses.engine IS NULL OR pauses.engine = engine.key)
        AND (pauses.instance IS NULL OR pauses.instance = active.id))
    GROUP BY engine.key
  ), running AS MATERIALIZED (
    SELECT tasks.task_id, tasks.engine,
           run_left(tasks.progress, extract(epoch FROM now() - tasks.started_at)::double precision, run.run_sec) AS left_sec,
           run_left(tasks.progress, extract(epoch FROM now() - tasks.started_at)::double precision, run.run_90_sec) AS left_90_sec
    FROM tasks LEFT JOIN LATERAL expected_run(tasks.engine, tasks.lang, tasks.audio_seconds, tasks.size_bytes) AS run ON true
    WHERE tasks.task_status = 'processing'
  ), busy AS (
    SELECT count(*) AS tasks, coalesce(sum(running.left_sec), 0) AS left_sec FROM running
  ), waiting AS (
    SELECT tasks.task_id, place.ahead, place.delay_sec, run.run_sec, run.run_90_sec,
           CASE WHEN slots.slots IS NULL THEN NULL
                WHEN place.ahead < slots.slots - busy.tasks THEN 0
                -- It begins when the first slot is free; in the others tasks are half done then.
                ELSE greatest(0, busy.left_sec + place.ahead * usual.run_sec - (slots.slots - 1) * usual.run_sec / 2)
                       / slots.slots END AS queue_sec
    FROM find_queue_places(task_ids) AS place JOIN tasks ON tasks.task_id = place.task_id
      CROSS JOIN busy LEFT JOIN slots ON slots.engine = tasks.engine
      LEFT JOIN learned_times AS usual ON usual.engine = tasks.engine AND usual.lang = '' AND usual.length_class IS NULL
      LEFT JOIN LATERAL expected_run(tasks.engine, tasks.lang, tasks.audio_seconds, tasks.size_bytes) AS run ON true
  )
  SELECT waiting.task_id, waiting.ahead, waiting.delay_sec, its.start_sec, its.start_sec + waiting.run_sec,
         its.start_sec + waiting.run_90_sec
  FROM waiting CROSS JOIN LATERAL (
    SELECT CASE WHEN waiting.queue_sec IS NOT NULL THEN greatest(waiting.queue_sec, waiting.delay_sec) END AS start_sec) AS its
  UNION ALL
  SELECT running.task_id, NULL, NULL, NULL, running.left_sec, running.left_90_sec FROM running
  WHERE running.task_id = ANY (task_ids);
END $function$;

CREATE OR REPLACE FUNCTION public.forget_old_jobs()
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
  DELETE FROM pgboss.job WHERE id = ANY (ARRAY(
    SELECT id FROM pgboss.job WHERE name = 'align' AND completed_on < now() - interval '7 days'
    ORDER BY completed_on LIMIT 10000))
$function$;

CREATE OR REPLACE FUNCTION public.guard_task_insert()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF NEW.task_status NOT IN ('uploading', 'uploaded') THEN
    RAISE EXCEPTION 'a task starts as uploading or uploaded, not as %', NEW.task_status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'status_starts_at_upload', TABLE = 'tasks';
  END IF;
  NEW.claim := NULL;
  IF NEW.task_status = 'uploaded' THEN
    NEW.queued_at := now();
    NEW.engine := coalesce(NEW.engine, nullif(upper(split_part(NEW.lang, '_', 2)), ''));
    NEW.job_id := gen_random_uuid();
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.guard_task_update()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
BEGIN
  NEW.updated_at := now();

  -- Asking to cancel is all that a psql user or a web application has to do.
  -- With an old status beside it, it is asked for all the same.
  IF NEW.cancel_requested AND NOT OLD.cancel_requested AND NEW.task_status IN (OLD.task_status, 'uploaded')
     AND OLD.task_status IN ('uploaded', 'processing') THEN
    NEW.task_status := 'cancelled';
  END IF;

  -- Fences: a claim takes the next number, nothing else touches it. With each fence comes a name that no other attempt has,
  -- also after a failover that repeats fences.
  IF NEW.fence <> OLD.fence THEN
    IF NEW.fence <> OLD.fence + 1 OR NEW.task_status <> 'processing' THEN
      RAISE EXCEPTION 'task %: the fence goes from % to % by a claim only, found %',
        OLD.task_id, OLD.fence, OLD.fence + 1, NEW.fence
        USING ERRCODE = 'check_violation', CONSTRAINT = 'fence_grows_by_claim', TABLE = 'tasks';
    END IF;
    NEW.claim := NEW.fence || '-' || left(gen_random_uuid()::text, 8);
    IF OLD.task_status = 'processing' THEN
      INSERT INTO task_takeovers (task, fence, claim, instance) VALUES (OLD.id, OLD.fence, OLD.claim, OLD.instance);
      NEW.takeovers := OLD.takeovers + 1;
    END IF;
    NEW.crashes := count_crashes(OLD.id);
  ELSE
    NEW.claim := OLD.claim;
    IF NEW.task_status = 'processing' THEN
      IF OLD.task_status = 'uploaded' THEN
        RAISE EXCEPTION 'task %: a claim must take the next fence %', OLD.task_id, OLD.fence + 1
          USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_takes_next_fence', TABLE = 'tasks';
      END IF;
      IF NEW.instance IS DISTINCT FROM OLD.instance THEN
        RAISE EXCEPTION 'task %: another instance must take the next fence %', OLD.task_id, OLD.fence + 1
          USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_takes_next_fence', TABLE = 'tasks';
      END IF;
      IF OLD.task_status = 'processing' AND NEW.progress < OLD.progress THEN
        NEW.progress := OLD.progress;
      END IF;
    END IF;
  END IF;

  IF NEW.task_status = OLD.task_status THEN
    RETURN NEW;
  END IF;

  IF NOT EXISTS (SELECT FROM task_status_edges
                 WHERE from_status = OLD.task_status AND to_status = NEW.task_status) THEN
    RAISE EXCEPTION 'task % cannot go from % to %', OLD.task_id, OLD.task_status, NEW.task_status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'status_edge_allowed', TABLE = 'tasks',
            HINT = coalesce((SELECT 'From ' || OLD.task_status || ' it can go to: '
                             || string_agg(to_status, ', ' ORDER BY to_status)
                             FROM task_status_edges WHERE from_status = OLD.task_status), 'That status is final.');
  END IF;

  IF NEW.status_note IS NOT DISTINCT FROM OLD.status_note THEN
    NEW.status_note := NULL;
  END IF;
  IF NEW.task_status IN ('completed', 'failed', 'cancelled', 'expired') THEN
    NEW.finished_at := coalesce(NEW.finished_at, now());
    -- Also after the first fence: a failover may have forgotten an attempt that had it before.
    NEW.results_tidy := false;
  ELSE
    NEW.finished_at := NULL;
  END IF;
  IF NEW.task_status = 'uploaded' THEN
    NEW.queued_at := now();
    NEW.engine := coalesce(NEW.engine, nullif(upper(split_part(NEW.lang, '_', 2)), ''));
    NEW.instance := NULL;
    NEW.started_at := NULL;
    NEW.stage := NULL;
    NEW.progress := 0;
    NEW.cancel_requested := false;
    NEW.removal_started_at := NULL;
    NEW.removal_xid := NULL;
    -- A task that ended and is tried again starts with a clean slate; one handed back keeps its counts.
    IF OLD.task_status IN ('failed', 'cancelled') THEN
      NEW.attempts := 0;
      NEW.crashes := 0;
      NEW.takeovers := 0;
      NEW.error_code := NULL;
      NEW.error_message := NULL;
      NEW.warnings := '[]'::jsonb;
    END IF;
    -- The job that is still waiting for its next attempt is kept; anything else is replaced by a new one.
    IF OLD.task_status <> 'processing' OR NOT is_job_waiting(OLD.job_id) THEN
      NEW.job_id := gen_random_uuid();
    END IF;
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.has_job(job_id uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
  SELECT EXISTS (SELECT FROM pgboss.job WHERE id = job_id AND state::text IN ('created', 'retry', 'active'))
$function$;

CREATE OR REPLACE FUNCTION public.has_room(whose text, most integer)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
DECLARE
  front bigint := queue_front();
BEGIN
  RETURN most >= 0 AND (SELECT count(*) FROM (
    SELECT FROM pgboss.job WHERE name = 'align' AND state < 'active' AND data ->> 'user' = whose
      AND -priority::bigint >= least(front, later_rank())
    ORDER BY data ->> 'user', -priority::bigint LIMIT most + 1) AS its_own) <= most;
END $function$;

CREATE OR REPLACE FUNCTION public.is_job_waiting(job_id uuid)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
  SELECT EXISTS (SELECT FROM pgboss.job WHERE id = job_id AND state::text IN ('created', 'retry'))
$function$;

CREATE OR REPLACE FUNCTION public.keep_task_faults()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF TG_OP = 'INSERT' OR NEW.error_code IS NULL THEN
    NEW.faults := '[]';
    RETURN NEW;
  END IF;
  NEW.faults := coalesce(nullif(NEW.faults, 'null'), OLD.faults);
  IF NEW.faults = OLD.faults
     AND (NEW.error_code, NEW.error_message) IS DISTINCT FROM (OLD.error_code, OLD.error_message) THEN
    NEW.faults := jsonb_build_array(
      jsonb_build_object('code', NEW.error_code, 'text', left(coalesce(NEW.error_message, ''), 2000)));
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_task_values()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  NEW.id := coalesce(NEW.id, OLD.id);
  NEW.task_id := coalesce(NEW.task_id, OLD.task_id);
  NEW.task_status := coalesce(NEW.task_status, OLD.task_status);
  NEW.priority := coalesce(NEW.priority, OLD.priority);
  NEW.progress := coalesce(NEW.progress, OLD.progress);
  NEW.fence := coalesce(NEW.fence, OLD.fence);
  NEW.attempts := coalesce(NEW.attempts, OLD.attempts);
  NEW.crashes := coalesce(NEW.crashes, OLD.crashes);
  NEW.takeovers := coalesce(NEW.takeovers, OLD.takeovers);
  NEW.warnings := coalesce(nullif(NEW.warnings, 'null'), OLD.warnings);
  NEW.cancel_requested := coalesce(NEW.cancel_requested, OLD.cancel_requested);
  NEW.speakers := coalesce(NEW.speakers, OLD.speakers);
  NEW.results_tidy := coalesce(NEW.results_tidy, OLD.results_tidy);
  NEW.created_at := coalesce(NEW.created_at, OLD.created_at);
  NEW.job_id := coalesce(NEW.job_id, OLD.job_id);
  NEW.queued_at := coalesce(NEW.queued_at, OLD.queued_at);
  NEW.finished_at := coalesce(NEW.finished_at, OLD.finished_at);
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.keep_task_warnings()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  NEW.warnings := (
    SELECT jsonb_agg(
      CASE WHEN warning ? 'message' THEN jsonb_build_object('code', warning -> 'code', 'text', warning -> 'message')
           ELSE warning END ORDER BY number)
    FROM jsonb_array_elements(NEW.warnings) WITH ORDINALITY AS listed (warning, number));
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.known_formats()
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT ARRAY['textgrid', 'short', 'csv', 'eaf', 'json', 'vtt', 'srt', 'emu', 'par']
$function$;

CREATE OR REPLACE FUNCTION public.last_rank(task_priority integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT - task_priority * 2000000 + 1999999
$function$;

CREATE OR REPLACE FUNCTION public.later_rank()
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT 2147483647
$function$;

CREATE OR REPLACE FUNCTION public.learn_times()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
  last_tasks CONSTANT integer := 2000;
BEGIN
  INSERT INTO learned_times AS known (engine, lang, length_class, tasks, run_sec, audio_sec, audio_sec_per_mb,
                                      sec_per_audio_sec, sec_per_audio_sec_90)
  SELECT engine, coalesce(lang, ''), class, count(*), avg(run_sec),
         percentile_cont(0.5) WITHIN GROUP (ORDER BY audio_sec),
         percentile_cont(0.5) WITHIN GROUP (ORDER BY audio_sec / nullif(size_bytes, 0) * 1000000),
         percentile_cont(0.5) WITHIN GROUP (ORDER BY run_sec / audio_sec),
         percentile_cont(0.9) WITHIN GROUP (ORDER BY run_sec / audio_sec)
  FROM (
    SELECT done.engine, done.lang, length_class(done.audio_seconds) AS class, done.audio_seconds AS audio_sec, done.size_bytes,
           stages.run_sec
    FROM (SELECT id, fence, engine, lang, audio_seconds, size_bytes FROM tasks
          WHERE task_status = 'completed' ORDER BY finished_at DESC LIMIT last_tasks) AS done
      CROSS JOIN LATERAL (
        SELECT sum(seconds) AS run_sec FROM task_stages
        WHERE task = done.id AND task_stages.fence = done.fence AND stage <> 'cleanup' AND outcome = 'done') AS stages
    WHERE done.engine IS NOT NULL AND done.lang IS NOT NULL AND done.audio_seconds > 0 AND stages.run_sec > 0
  ) AS history
  GROUP BY GROUPING SETS ((engine, lang, class), (engine, lang), (engine))
  -- Fewer tell too little; without a class they are all that there is.
  HAVING grouping(class) = 1 OR count(*) >= 3
  ON CONFLICT (engine, lang, coalesce(length_class, -1)) DO UPDATE SET
    tasks = excluded.tasks, run_sec = excluded.run_sec, audio_sec = excluded.audio_sec,
    audio_sec_per_mb = excluded.audio_sec_per_mb, sec_per_audio_sec = excluded.sec_per_audio_sec,
    sec_per_audio_sec_90 = excluded.sec_per_audio_sec_90, learned_at = now();
  DELETE FROM learned_times WHERE learned_at < now() - interval '90 days';
END $function$;

CREATE OR REPLACE FUNCTION public.length_class(audio_sec double precision)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT greatest(0, round(log(2, greatest(1, audio_sec)::numeric)))::integer
$function$;

CREATE OR REPLACE FUNCTION public.limit_open_tasks(queued task_to_queue[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
DECLARE
  allowed integer := (SELECT user_open_tasks FROM limits WHERE only_row);
  refused text;
BEGIN
  -- One statement, so one snapshot: a job that is claimed meanwhile counts once, as waiting or as running.
  SELECT user_uuid INTO refused
  FROM (SELECT user_uuid, count(*) AS tasks FROM unnest(queued) GROUP BY user_uuid) AS added
    LEFT JOIN (SELECT user_uuid, count(*) AS tasks FROM running_jobs() GROUP BY user_uuid) AS running USING (user_uuid)
  WHERE NOT has_room(user_uuid, (allowed - added.tasks - coalesce(running.tasks, 0))::integer) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'user % has % tasks that wait or run: no more are allowed at the same time', refused, allowed
      USING ERRCODE = 'check_violation', CONSTRAINT = 'user_open_tasks_limited', TABLE = 'tasks',
            HINT = 'Wait until some have ended, or raise limits.user_open_tasks.';
  END IF;
END $function$;

CREATE OR REPLACE FUNCTION public.move_jobs(moved task_to_queue[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
DECLARE
  its record;
  smallest bigint;
BEGIN
  FOR its IN SELECT job_id, not_before FROM unnest(moved) WHERE not_before > now() LOOP
    UPDATE pgboss.job SET priority = - later_rank(), blocked = true,
      start_after = CASE WHEN blocked THEN its.not_before ELSE greatest(start_after, its.not_before) END
    WHERE id = its.job_id AND state::text IN ('created', 'retry');
  END LOOP;
  FOR its IN
    SELECT job_id, rank
    FROM find_ranks(ARRAY(SELECT one FROM unnest(moved) AS one WHERE (one.not_before > now()) IS NOT TRUE))
  LOOP
    UPDATE pgboss.job SET priority = - its.rank, blocked = false,
      start_after = CASE WHEN blocked THEN least(start_after, now()) ELSE start_after END
    WHERE id = its.job_id AND state::text IN ('created', 'retry');
    smallest := least(smallest, its.rank);
  END LOOP;
  IF smallest IS NOT NULL THEN
    PERFORM announce_waiting(smallest);
    PERFORM notify_workers();
  END IF;
END $function$;

CREATE OR REPLACE FUNCTION public.notify_workers()
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'public', 'pg_temp'
AS $function$
  SELECT pg_notify(work_channel(), 'align')
$function$;

CREATE OR REPLACE FUNCTION public.priority_of_rank(rank bigint)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT - floor(rank / 2000000.0)::integer
$function$;

CREATE OR REPLACE FUNCTION public.queue_front()
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
  SELECT coalesce((SELECT first_rank FROM queue_front
                   WHERE only_row AND changes = (SELECT last_value FROM queue_front_changes)), -2147483648)
$function$;

CREATE OR REPLACE FUNCTION public.queue_inserted_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
  queued task_to_queue[] := ARRAY(
    SELECT ROW(id, job_id, NULL, user_uuid, priority, engine, not_before)::task_to_queue
    FROM inserted WHERE task_status = 'uploaded');
BEGIN
  IF cardinality(queued) > 0 THEN
    PERFORM limit_open_tasks(queued);
    PERFORM queue_tasks(queued);
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.queue_tasks(queued task_to_queue[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
DECLARE
  queue record;
  smallest bigint;
BEGIN
  SELECT * INTO queue FROM pgboss.queue WHERE name = 'align';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the queue align does not exist, task % cannot be queued',
      (SELECT task_id FROM tasks WHERE id = queued[1].id) USING HINT = 'Run "make migrate".';
  END IF;
  WITH made AS (
    INSERT INTO pgboss.job (id, name, data, priority, group_id, start_after, keep_until, expire_seconds,
                            deletion_seconds, retry_limit, retry_delay, retry_backoff, retry_delay_max, policy,
                            dead_letter, heartbeat_seconds, blocked)
    SELECT job_id, queue.name, jsonb_build_object('id', task.id, 'user', task.user_uuid), - task.rank, task.engine,
           coalesce(task.later, now()), coalesce(task.later, now()) + queue.retention_seconds * interval '1 second',
           greatest(queue.expire_seconds, 315360000),
           queue.deletion_seconds, queue.retry_limit, queue.retry_delay, queue.retry_backoff, queue.retry_delay_max,
           queue.policy, queue.dead_letter, queue.heartbeat_seconds, task.later IS NOT NULL
    FROM (SELECT *, NULL::timestamptz AS later
          FROM find_ranks(ARRAY(SELECT one FROM unnest(queued) AS one WHERE (one.not_before > now()) IS NOT TRUE))
          UNION ALL
          SELECT one.id, one.job_id, one.user_uuid, one.engine, later_rank(), one.not_before
          FROM unnest(queued) AS one WHERE one.not_before > now()) AS task
    RETURNING -priority::bigint AS rank
  )
  SELECT min(rank) INTO smallest FROM made;
  PERFORM announce_waiting(smallest);
  PERFORM notify_workers();
END $function$;

CREATE OR REPLACE FUNCTION public.record_deliveries()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET jit TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.record_inserted_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
AS $function$
BEGIN
  INSERT INTO task_events (task, from_status, to_status, fence)
  SELECT id, NULL, task_status, fence FROM inserted;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.record_updated_tasks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET jit TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  has_stages boolean;
  tried_again bigint[];
  ended text[];
  its record;
BEGIN
  WITH changed AS MATERIALIZED (
    SELECT updated.id, updated.task_id, former.task_status AS from_status, updated.task_status AS to_status,
           coalesce(updated.stage, former.stage) AS stage, updated.fence,
           coalesce(updated.instance, former.instance) AS instance,
           former.finished_at IS NULL AND updated.finished_at IS NOT NULL AS has_ended,
           CASE
             WHEN updated.task_status <> former.task_status AND updated.task_status = 'failed'
               THEN updated.error_code || ': ' || left(updated.error_message, 1000)
             WHEN updated.task_status = 'processing' AND former.task_status = 'processing' AND updated.fence > former.fence
               THEN format('taken over: instance %s went silent in %s%s', left(former.instance, 8),
                           coalesce(former.stage, 'prepare'),
                           CASE WHEN updated.crashes > former.crashes THEN format(', crash %s', updated.crashes)
                                ELSE '; not known to have died' END)
             WHEN updated.task_status = 'processing' AND updated.crashes > former.crashes
               THEN format('crash %s: an instance that ran it has died', updated.crashes)
             WHEN updated.status_note IS DISTINCT FROM former.status_note AND updated.status_note IS NOT NULL
               THEN updated.status_note
             WHEN updated.task_status <> former.task_status AND updated.task_status = 'cancelled'
               THEN 'cancelled by request'
           END AS note
    FROM former JOIN updated USING (id)
    WHERE former.task_status <> updated.task_status OR former.stage IS DISTINCT FROM updated.stage
      OR former.fence <> updated.fence OR former.crashes < updated.crashes
  ), recorded AS (
    INSERT INTO task_events (task, from_status, to_status, stage, fence, instance, note)
    SELECT id, from_status, to_status, stage, fence, instance, note FROM changed
  )
  SELECT bool_or(stage IS NOT NULL),
         -- No worker ever had those without a fence.
         array_agg(id) FILTER (WHERE from_status IN ('failed', 'cancelled') AND to_status = 'uploaded' AND fence > 0),
         array_agg(json_build_object('id', id, 'task_id', task_id, 'status', to_status)::text) FILTER (WHERE has_ended)
  INTO has_stages, tried_again, ended
  FROM changed;

  IF has_stages THEN
    FOR its IN
      SELECT id, former.fence AS former_fence, former.stage AS former_stage, updated.fence, updated.stage,
             former.stage IS NOT NULL AS has_left,
             updated.stage IS NOT NULL AND updated.task_status IN ('processing', 'completed')
               AND (updated.stage IS DISTINCT FROM former.stage OR updated.fence <> former.fence) AS has_begun,
             CASE
               WHEN updated.fence <> former.fence THEN 'lost'
               WHEN updated.task_status = 'uploaded' AND updated.attempts < former.attempts THEN 'handed back'
               WHEN updated.task_status = 'uploaded' AND updated.error_code IS NULL THEN 'lost'
               WHEN updated.task_status = 'uploaded' THEN 'failed'
               WHEN updated.task_status IN ('failed', 'cancelled') THEN updated.task_status
               ELSE 'done' END AS outcome
      FROM former JOIN updated USING (id)
      WHERE former.stage IS DISTINCT FROM updated.stage OR former.fence <> updated.fence
        OR former.stage IS NOT NULL AND former.task_status <> updated.task_status
    LOOP
      IF its.has_left THEN
        UPDATE task_stages SET finished_at = clock_timestamp(), outcome = its.outcome
        WHERE task = its.id AND fence = its.former_fence AND stage = its.former_stage AND finished_at IS NULL;
      END IF;
      IF its.has_begun THEN
        INSERT INTO task_stages (task, fence, stage) VALUES (its.id, its.fence, its.stage) ON CONFLICT DO NOTHING;
      END IF;
    END LOOP;
  END IF;
  -- A person who tries a task again gives it a clean slate.
  IF tried_again IS NOT NULL THEN
    DELETE FROM task_takeovers WHERE task = ANY (tried_again);
    DELETE FROM attempt_deaths WHERE task = ANY (tried_again);
  END IF;
  -- It is a hint to read the row, as all notifications are. Every login of the database may listen, so there is nothing in
  -- it that says whose the task is.
  PERFORM pg_notify('autophon_task_ended', payload) FROM unnest(ended) AS payload;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_history_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'task_events is append-only' USING ERRCODE = 'check_violation', CONSTRAINT = 'history_is_append_only';
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_stale_save()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'task %: it is running, and this update would put it back into the queue with an old copy of its row',
    OLD.task_id
    USING ERRCODE = 'check_violation', CONSTRAINT = 'running_task_not_overwritten', TABLE = 'tasks',
          HINT = 'Read the row again, and write only the columns that you change. To queue it anew by hand, set task_status alone.';
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unknown_formats()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
  unknown text;
BEGIN
  SELECT quote_literal(trim(name)) INTO unknown
  FROM regexp_split_to_table(NEW.formats, ',') AS name
  WHERE lower(trim(name)) <> ALL (known_formats()) LIMIT 1;
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'task %: formats: expected names with commas between them, of %; found %',
      NEW.task_id, array_to_string(known_formats(), ', '), left(unknown, 100)
      USING ERRCODE = 'check_violation', CONSTRAINT = 'formats_known', TABLE = 'tasks';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.release_due_jobs()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
DECLARE
  at_once CONSTANT integer := 10000;
  one uuid;
  its record;
  due task_to_queue[] := '{}';
BEGIN
  FOR one IN
    SELECT id FROM (
      (SELECT id, start_after FROM pgboss.job
       WHERE name = 'align' AND state = 'created' AND blocked AND start_after <= now()
       ORDER BY state, blocked, start_after LIMIT at_once)
      UNION ALL
      (SELECT id, start_after FROM pgboss.job
       WHERE name = 'align' AND state = 'retry' AND blocked AND start_after <= now()
       ORDER BY state, blocked, start_after LIMIT at_once)) AS waiting
  LOOP
    SELECT tasks.id, user_uuid, tasks.priority, engine, not_before INTO its
    FROM pgboss.job AS job JOIN tasks ON tasks.id = task_of_job(job.data)
    WHERE job.id = one AND job.state::text IN ('created', 'retry') AND job.blocked FOR UPDATE OF job SKIP LOCKED;
    IF FOUND THEN
      due := due || ROW(its.id, one, NULL, its.user_uuid, its.priority, its.engine, its.not_before)::task_to_queue;
    END IF;
  END LOOP;
  IF cardinality(due) > 0 THEN
    PERFORM move_jobs(due);
  END IF;
END $function$;

CREATE OR REPLACE FUNCTION public.remember_deleted_task()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  INSERT INTO deleted_tasks (id, task_id, user_uuid, task_path)
  VALUES (OLD.id, OLD.task_id, OLD.user_uuid, OLD.task_path) ON CONFLICT (id) DO NOTHING;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.renew_leases(job_ids uuid[], retry_counts integer[], task_ids bigint[], fences integer[], claims text[])
 RETURNS TABLE(n integer, is_renewed boolean)
 LANGUAGE sql
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
  WITH running AS MATERIALIZED (
    SELECT * FROM find_running_attempts(job_ids, retry_counts, task_ids, fences, claims)
  ), free AS (
    SELECT job.id FROM running
      JOIN pgboss.job ON job.id = running.job_id AND job.retry_count = running.retry_count AND job.state::text = 'active'
    FOR UPDATE OF job SKIP LOCKED
  ), renewed AS (
    UPDATE pgboss.job SET heartbeat_on = now() FROM free WHERE job.id = free.id
    RETURNING job.id
  )
  SELECT running.n, running.job_id IN (SELECT id FROM renewed) FROM running
$function$;

CREATE OR REPLACE FUNCTION public.requeue_tasks_without_job()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
 SET jit TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
DECLARE
  at_once CONSTANT integer := 5000;
  place jobs_checked := (SELECT jobs_checked FROM jobs_checked WHERE only_row FOR UPDATE);
  task record;
  looked_at integer := 0;
  jobless bigint[] := '{}';
BEGIN
  FOR task IN
    SELECT coalesce(engine, '') AS engine, queued_at, id, job_id FROM tasks
    WHERE task_status = 'uploaded' AND (coalesce(engine, ''), queued_at, id) > (place.engine, place.queued_at, place.id)
    ORDER BY coalesce(engine, ''), queued_at, id LIMIT at_once
  LOOP
    looked_at := looked_at + 1;
    place := ROW(true, task.engine, task.queued_at, task.id);
    IF NOT has_job(task.job_id) THEN
      jobless := jobless || task.id;
    END IF;
  END LOOP;
  FOR task IN SELECT id, job_id FROM tasks WHERE task_status = 'processing' LOOP
    IF NOT has_job(task.job_id) THEN
      jobless := jobless || task.id;
    END IF;
  END LOOP;
  IF looked_at < at_once THEN
    place := ROW(true, '', '-infinity', 0);
  END IF;
  UPDATE jobs_checked SET engine = place.engine, queued_at = place.queued_at, id = place.id WHERE only_row;
  IF cardinality(jobless) = 0 THEN
    RETURN 0;
  END IF;
  -- Rows that somebody holds are left for the next time. What has been locked is looked at once more.
  UPDATE tasks SET task_status = 'uploaded', status_note = 'its job was gone: queued anew',
    job_id = CASE WHEN task_status = 'uploaded' THEN gen_random_uuid() ELSE job_id END
  WHERE id = ANY (ARRAY(SELECT id FROM tasks WHERE id = ANY (jobless) FOR UPDATE SKIP LOCKED))
    AND task_status || '' IN ('uploaded', 'processing') AND NOT has_job(job_id);
  GET DIAGNOSTICS looked_at = ROW_COUNT;
  RETURN looked_at;
END $function$;

CREATE OR REPLACE FUNCTION public.run_left(share double precision, elapsed_sec double precision, run_sec double precision)
 RETURNS double precision
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT CASE
    WHEN share >= 1 THEN 0
    WHEN share < 0.05 OR elapsed_sec < 1 THEN CASE WHEN run_sec > 0 THEN learned END
    WHEN run_sec > 0 THEN (1 - share * share) * learned + share * share * (elapsed_sec / share * (1 - share))
    ELSE elapsed_sec / share * (1 - share) END
  FROM (SELECT greatest(run_sec - elapsed_sec, 0.2 * elapsed_sec) AS learned) AS its
$function$;

CREATE OR REPLACE FUNCTION public.running_jobs()
 RETURNS TABLE(id uuid, rank bigint, user_uuid text, engine text)
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
DECLARE
  noted queue_front := (
    SELECT queue_front FROM queue_front
    WHERE only_row AND running IS NOT NULL AND changes = (SELECT last_value FROM queue_front_changes));
  ran uuid[] := coalesce(noted.running, '{}');
BEGIN
  IF ran <> '{}' THEN
    RETURN QUERY
    SELECT job.id, -job.priority::bigint, job.data ->> 'user', coalesce(job.group_id, '') FROM pgboss.job AS job
    WHERE job.id = ANY (ran) AND job.state::text = 'active';
  END IF;
  RETURN QUERY
  SELECT job.id, -job.priority::bigint, job.data ->> 'user', coalesce(job.group_id, '') FROM pgboss.job AS job
  WHERE job.name = 'align' AND job.state = 'active' AND -job.priority::bigint >= coalesce(noted.first_rank, -2147483648)
    AND job.id <> ALL (ran)
  ORDER BY -job.priority::bigint;
END $function$;

CREATE OR REPLACE FUNCTION public.site_figures()
 RETURNS TABLE(figure text, label text, value double precision)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'public', 'pg_temp'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
AS $function$
DECLARE
  most_counted CONSTANT integer := 50000;
  waiting bigint := (SELECT count(*) FROM (SELECT FROM tasks WHERE task_status = 'uploaded' LIMIT most_counted) AS first);
BEGIN
  IF waiting = most_counted THEN
    waiting := greatest(waiting, (SELECT reltuples FROM pg_class WHERE oid = to_regclass('tasks_waiting'))::bigint);
  END IF;
  RETURN QUERY VALUES
    ('tasks', 'uploaded', waiting::double precision),
    ('tasks', 'uploading', (SELECT count(*) FROM (
      SELECT FROM tasks WHERE task_status = 'uploading' LIMIT most_counted) AS first)::double precision),
    ('tasks', 'processing', (SELECT count(*) FROM tasks WHERE task_status = 'processing')::double precision),
    ('stuck', '', (SELECT count(*) FROM stuck_tasks)::double precision),
    ('chores_late', '', (SELECT count(*) FROM chore_health WHERE is_late)::double precision);

  -- From engine to engine; names of engines come from tasks, so there may be any number. Of each only the first that wait are
  -- looked at, and those whose time has not come (not_before) have not waited.
  RETURN QUERY
    WITH RECURSIVE waited (engine, n) AS (
      (SELECT coalesce(tasks.engine, ''), 1 FROM tasks WHERE task_status = 'uploaded'
       ORDER BY coalesce(tasks.engine, ''), queued_at, id LIMIT 1)
      UNION ALL
      SELECT next.engine, n + 1
      FROM waited CROSS JOIN LATERAL (
        SELECT coalesce(tasks.engine, '') AS engine FROM tasks
        WHERE task_status = 'uploaded' AND coalesce(tasks.engine, '') > waited.engine
        ORDER BY coalesce(tasks.engine, ''), queued_at, id LIMIT 1) AS next
      WHERE n < 50
    )
    SELECT 'oldest_queued_seconds', waited.engine, greatest(0, extract(epoch FROM now() - min(since)))::double precision
    FROM waited CROSS JOIN LATERAL (
      SELECT greatest(queued_at, not_before) AS since FROM tasks
      WHERE task_status = 'uploaded' AND coalesce(tasks.engine, '') = waited.engine
      ORDER BY coalesce(tasks.engine, ''), queued_at, id LIMIT 500) AS first
    WHERE since <= now() GROUP BY waited.engine;

  RETURN QUERY
    SELECT 'ended_last_hour', status, (
      SELECT count(*) FROM tasks WHERE task_status = status AND finished_at > now() - interval '1 hour')::double precision
    FROM unnest('{completed,failed,cancelled}'::text[]) AS status;

  RETURN QUERY
    SELECT 'workers', state, count(*)::double precision
    FROM (SELECT CASE WHEN EXISTS (SELECT FROM pauses WHERE pauses.engine IS NULL AND coalesce(instance, active.id) = active.id)
                      THEN 'paused_by_operator' WHEN paused IS NULL THEN 'ready' ELSE 'paused' END AS state
          FROM active_instances AS active) AS workers GROUP BY state
    UNION ALL
    SELECT 'engine_workers', engine.key, count(*)::double precision
    FROM active_instances CROSS JOIN LATERAL jsonb_each(engines) AS engine
    WHERE engine.value ->> 'state' = 'ready' GROUP BY engine.key;
END $function$;

CREATE OR REPLACE FUNCTION public.sweep_jobs()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
DECLARE
  returned integer := 0;
  silent record;
  delay_sec integer;
  smallest bigint;
BEGIN
  FOR silent IN
    SELECT job.id, -job.priority::bigint AS rank, task_of_job(job.data) AS task FROM pgboss.job
    WHERE name = 'align' AND state = 'active'
      AND coalesce(heartbeat_on, started_on) + coalesce(heartbeat_seconds, 50) * interval '1 second' < now()
    ORDER BY -priority::bigint
    FOR UPDATE SKIP LOCKED
  LOOP
    SELECT CASE WHEN takeovers > crashes THEN least(600, 2 ^ least(10, takeovers - crashes)) ELSE 0 END INTO delay_sec
    FROM tasks WHERE id = silent.task;
    delay_sec := coalesce(delay_sec, 0);
    UPDATE pgboss.job SET state = 'retry', start_after = now() + delay_sec * interval '1 second', heartbeat_on = NULL
    WHERE id = silent.id;
    returned := returned + 1;
    smallest := least(smallest, silent.rank);
    IF delay_sec > 0 THEN
      -- A locked row is skipped, which avoids a deadlock: the session that holds it may wait for the job. Only a note
      -- for people is lost.
      UPDATE tasks SET status_note = format('instance %s went silent; taken over %s times before, not known to crash its '
        'worker so often: it is tried again %s s later', left(instance, 8), takeovers, delay_sec)
      WHERE id = (SELECT id FROM tasks WHERE id = silent.task AND task_status || '' = 'processing' FOR UPDATE SKIP LOCKED);
    END IF;
  END LOOP;
  IF returned > 0 THEN
    PERFORM announce_waiting(smallest);
  END IF;
  PERFORM release_due_jobs();
  PERFORM notify_workers() FROM (
    SELECT FROM pgboss.job WHERE name = 'align' AND state = 'retry' AND NOT blocked AND start_after <= now()
    ORDER BY state, blocked, start_after LIMIT 1) AS due;
  RETURN returned;
END $function$;

CREATE OR REPLACE FUNCTION public.task_of_job(data jsonb)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  SELECT CASE WHEN length(data ->> 'id') <= 18 AND data ->> 'id' ~ '^[0-9]+$' THEN (data ->> 'id')::bigint END
$function$;

CREATE OR REPLACE FUNCTION public.withdraw_jobs(withdrawn uuid[], running bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_generic_plan'
 SET jit TO 'off'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET enable_sort TO 'off'
 SET enable_incremental_sort TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_material TO 'off'
AS $function$
BEGIN
  UPDATE pgboss.job SET state = 'cancelled', completed_on = now()
  WHERE id = ANY (withdrawn) AND state::text IN ('created', 'retry', 'active');
  IF NOT FOUND OR cardinality(running) = 0 THEN
    RETURN;
  END IF;
  IF cardinality(running) > 100 THEN
    PERFORM pg_notify('autophon_withdrawn', '');
  ELSE
    PERFORM pg_notify('autophon_withdrawn', one::text) FROM unnest(running) AS one;
  END IF;
END $function$;

CREATE OR REPLACE FUNCTION public.work_channel()
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT 'pgboss_' || left(encode(sha224('pgboss'::bytea), 'hex'), 24)
$function$;

-- Triggers

CREATE TRIGGER announce_pauses AFTER INSERT OR DELETE OR UPDATE ON public.pauses FOR EACH STATEMENT EXECUTE FUNCTION announce_pauses();

CREATE TRIGGER refuse_event_change BEFORE UPDATE ON public.task_events FOR EACH ROW EXECUTE FUNCTION refuse_history_change();

CREATE TRIGGER refuse_event_delete BEFORE DELETE ON public.task_events FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION refuse_history_change();

CREATE TRIGGER announce_added_tasks AFTER INSERT ON public.tasks REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION announce_added_tasks();

CREATE TRIGGER announce_changed_tasks AFTER UPDATE ON public.tasks REFERENCING NEW TABLE AS updated FOR EACH STATEMENT EXECUTE FUNCTION announce_changed_tasks();

CREATE TRIGGER announce_deleted_tasks AFTER DELETE ON public.tasks REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION announce_deleted_tasks();

CREATE TRIGGER fill_changed_task BEFORE UPDATE ON public.tasks FOR EACH ROW WHEN (((num_nulls(new.id, new.task_id, new.task_status, new.priority, new.progress, new.fence, new.attempts, new.crashes, new.takeovers, NULLIF(new.warnings, 'null'::jsonb), new.cancel_requested, new.speakers, new.results_tidy, new.created_at) > 0) OR ((new.job_id IS NULL) AND (old.job_id IS NOT NULL)) OR ((new.queued_at IS NULL) AND (old.queued_at IS NOT NULL)) OR ((new.finished_at IS NULL) AND (old.finished_at IS NOT NULL)))) EXECUTE FUNCTION keep_task_values();

CREATE TRIGGER fill_new_task BEFORE INSERT ON public.tasks FOR EACH ROW WHEN (((num_nulls(new.id, new.task_id, new.task_status, new.priority, new.speakers, new.created_at, new.cancel_requested, new.updated_at, new.progress, new.fence, new.attempts, new.crashes, new.takeovers, new.warnings, new.results_tidy) > 0) OR (num_nonnulls(new.claim, new.job_id, new.instance, new.stage, new.download_path, new.download_name, new.log_path, new.error_code, new.error_message, new.no_of_tiers, new.words, new.missing_words, new.audio_seconds, new.queued_at, new.started_at, new.finished_at, new.inputs_deleted_at, new.removal_started_at, new.removal_xid) > 0) OR new.cancel_requested OR new.results_tidy OR (new.updated_at <> now()) OR (new.progress <> (0)::double precision) OR (new.fence <> 0) OR (new.attempts <> 0) OR (new.crashes <> 0) OR (new.takeovers <> 0) OR (new.warnings <> '[]'::jsonb))) EXECUTE FUNCTION fill_new_task();

CREATE TRIGGER follow_deleted_tasks AFTER DELETE ON public.tasks REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION follow_deleted_tasks();

CREATE TRIGGER follow_updated_tasks AFTER UPDATE ON public.tasks REFERENCING OLD TABLE AS former NEW TABLE AS updated FOR EACH STATEMENT EXECUTE FUNCTION follow_updated_tasks();

CREATE TRIGGER guard_stale_save BEFORE UPDATE ON public.tasks FOR EACH ROW WHEN (((old.task_status = 'processing'::text) AND (new.task_status = 'uploaded'::text) AND (old.cancel_requested OR (new.cancel_requested IS NOT TRUE)) AND ((((((new.updated_at IS DISTINCT FROM old.updated_at) OR (new.started_at IS DISTINCT FROM old.started_at)) OR (new.instance IS DISTINCT FROM old.instance)) OR (new.stage IS DISTINCT FROM old.stage)) OR (new.progress IS DISTINCT FROM old.progress)) OR (new.claim IS DISTINCT FROM old.claim)))) EXECUTE FUNCTION refuse_stale_save();

CREATE TRIGGER guard_task_insert BEFORE INSERT ON public.tasks FOR EACH ROW EXECUTE FUNCTION guard_task_insert();

CREATE TRIGGER guard_task_update BEFORE UPDATE ON public.tasks FOR EACH ROW EXECUTE FUNCTION guard_task_update();

CREATE TRIGGER keep_new_faults BEFORE INSERT ON public.tasks FOR EACH ROW WHEN ((new.faults IS DISTINCT FROM '[]'::jsonb)) EXECUTE FUNCTION keep_task_faults();

CREATE TRIGGER keep_task_faults BEFORE UPDATE ON public.tasks FOR EACH ROW WHEN (((NULLIF(new.faults, 'null'::jsonb) IS NULL) OR ((new.error_code IS NULL) AND (new.faults <> '[]'::jsonb)) OR ((new.error_code IS DISTINCT FROM old.error_code) OR (new.error_message IS DISTINCT FROM old.error_message)))) EXECUTE FUNCTION keep_task_faults();

CREATE TRIGGER keep_task_warnings BEFORE UPDATE ON public.tasks FOR EACH ROW WHEN (((jsonb_typeof(new.warnings) = 'array'::text) AND jsonb_path_exists(new.warnings, '$[*]."message"'::jsonpath))) EXECUTE FUNCTION keep_task_warnings();

CREATE TRIGGER queue_inserted_tasks AFTER INSERT ON public.tasks REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION queue_inserted_tasks();

CREATE TRIGGER record_deliveries AFTER UPDATE ON public.tasks REFERENCING OLD TABLE AS former NEW TABLE AS updated FOR EACH STATEMENT EXECUTE FUNCTION record_deliveries();

CREATE TRIGGER record_inserted_tasks AFTER INSERT ON public.tasks REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION record_inserted_tasks();

CREATE TRIGGER record_updated_tasks AFTER UPDATE ON public.tasks REFERENCING OLD TABLE AS former NEW TABLE AS updated FOR EACH STATEMENT EXECUTE FUNCTION record_updated_tasks();

CREATE TRIGGER refuse_unknown_formats BEFORE INSERT OR UPDATE OF formats ON public.tasks FOR EACH ROW WHEN ((new.formats IS NOT NULL)) EXECUTE FUNCTION refuse_unknown_formats();

CREATE TRIGGER remember_deleted_task AFTER DELETE ON public.tasks FOR EACH ROW EXECUTE FUNCTION remember_deleted_task();

-- Comments

COMMENT ON TABLE actions IS 'What was done to all tasks that match a filter.';

COMMENT ON COLUMN actions.user_uuid IS 'Who did it.';

COMMENT ON COLUMN actions.expected_count IS 'How many tasks matched when it was asked for.';

COMMENT ON COLUMN actions.total IS 'How many tasks matched when their turn came.';

COMMENT ON COLUMN actions.changed IS 'How many of them were changed; the others had ended, or did not fit.';

COMMENT ON COLUMN actions.reached IS 'The cursor of the last task that was looked at; empty: none was, or all were.';

COMMENT ON TABLE attempt_deaths IS 'Attempts that were running when their worker process died, as seen on its machine.';

COMMENT ON COLUMN chores.every_sec IS 'How often it is due, in seconds.';

COMMENT ON COLUMN chores.run_at IS 'When an instance began it last.';

COMMENT ON COLUMN chores.error IS 'Why it failed last, at failed_at.';

COMMENT ON COLUMN deleted_tasks.recorded_at IS 'The time of the record itself: a file that changed later is not one of the deleted task.';

COMMENT ON COLUMN deleted_tasks.tried_at IS 'When its files could not be removed yet, because another task uses their folder.';

COMMENT ON TABLE deliveries IS 'What other programs are told of the end of a task, and what came of it.';

COMMENT ON COLUMN deliveries.message_id IS 'The same at each attempt, so that a receiver knows what it has had.';

COMMENT ON COLUMN deliveries.body IS 'What is sent, the same at each attempt; made for the first one.';

COMMENT ON COLUMN deliveries.next_at IS 'When the next attempt may begin; during an attempt, when it counts as lost.';

COMMENT ON COLUMN deliveries.answer IS 'What the last attempt got.';

COMMENT ON TABLE imported_dictionaries IS 'Dictionaries of users that an import has copied; an undo removes those that are unchanged.';

COMMENT ON COLUMN imported_dictionaries.path IS 'Relative to UPLOADS.';

COMMENT ON COLUMN imported_tasks.old_id IS 'task_id in the table of the older worker; the same here.';

COMMENT ON COLUMN imported_tasks.task IS 'tasks.id; the row may be gone.';

COMMENT ON COLUMN imported_tasks.fence IS 'Fence of the task when its import ended; empty: it has not ended.';

COMMENT ON COLUMN instances.died_at IS 'When somebody on its machine has seen that its process is gone, although it had not signed off.';

COMMENT ON COLUMN instances.paused IS 'Why the instance takes no new tasks; null: it does.';

COMMENT ON COLUMN instances.paused_since IS 'Since when the instance takes no new tasks; null: it does.';

COMMENT ON TABLE jobs_checked IS 'The last waiting task that was looked at for a lost job; the next look goes on after it.';

COMMENT ON TABLE learned_times IS 'What tasks have taken, for the time that is left. Written by a chore.';

COMMENT ON COLUMN learned_times.lang IS 'Empty: all languages of the engine.';

COMMENT ON COLUMN learned_times.length_class IS 'Length of the audio as a power of two of seconds; empty: any length.';

COMMENT ON COLUMN learned_times.tasks IS 'How many tasks it was learned from.';

COMMENT ON COLUMN learned_times.run_sec IS 'Mean time of a task, from its claim to its end.';

COMMENT ON COLUMN learned_times.audio_sec IS 'Median length of the audio.';

COMMENT ON COLUMN learned_times.sec_per_audio_sec IS 'Median of the seconds of work for each second of audio.';

COMMENT ON COLUMN learned_times.sec_per_audio_sec_90 IS 'Nine of ten tasks took less.';

COMMENT ON COLUMN limits.user_open_tasks IS 'Tasks of one user that may wait or run at the same time.';

COMMENT ON TABLE pauses IS 'Work that operators have paused. Workers take no tasks that fit a row.';

COMMENT ON COLUMN pauses.engine IS 'Tasks of this engine; empty: of all.';

COMMENT ON COLUMN pauses.instance IS 'This worker process; empty: all.';

COMMENT ON COLUMN pauses.is_drain IS 'The worker process ends when the tasks that it runs have ended.';

COMMENT ON COLUMN queue_front.first_rank IS 'No job with a smaller rank waits, as long as the count of changes is still the same.';

COMMENT ON COLUMN queue_front.changes IS 'Value of the sequence queue_front_changes when the rank was found.';

COMMENT ON COLUMN queue_front.running IS 'Jobs before first_rank, or after it, that ran when the rank was found. Null: not known.';

COMMENT ON TABLE site IS 'The identity of this installation; UPLOADS/.autophon-site holds the same id.';

COMMENT ON COLUMN site.bound_at IS 'When the marker was written into UPLOADS; null: no worker has started yet.';

COMMENT ON COLUMN task_files.path IS 'Relative to UPLOADS; for kind log relative to LOGS.';

COMMENT ON COLUMN task_files.version IS 'Size in bytes and time of the last change in nanoseconds, when the task was aligned.';

COMMENT ON COLUMN task_files.deleted_at IS 'The receipt: when the worker removed the file.';

COMMENT ON TABLE task_takeovers IS 'Attempts that others took over, since the task was last queued by a person.';

COMMENT ON TABLE tasks IS 'One row per task. Set task_status to uploaded and it queues itself.';

COMMENT ON COLUMN tasks.lang IS 'Language code such as engUS_SPHINX_v010; names the engine too.';

COMMENT ON COLUMN tasks.engine IS 'Engine; filled from lang when left empty.';

COMMENT ON COLUMN tasks.task_path IS 'Folder with the recordings and transcripts, relative to UPLOADS.';

COMMENT ON COLUMN tasks.partial_results IS 'What a recording without any aligned interval does: fail or allow; empty: as the site says.';

COMMENT ON COLUMN tasks.speakers IS 'Who is a speaker: tiers, each one of each recording; names, one for each name of a tier.';

COMMENT ON COLUMN tasks.search IS 'How the first run of the aligner searches: usual or wide; empty: as the site says.';

COMMENT ON COLUMN tasks.fence IS 'Number of the attempt that may write; grows with every claim.';

COMMENT ON COLUMN tasks.claim IS 'Name of the attempt that may write: its fence and a random part. Given by a trigger with each fence.';

COMMENT ON COLUMN tasks.takeovers IS 'Attempts that others took over, since the task was last queued by a person. They use up no try.';

COMMENT ON COLUMN tasks.status_note IS 'Why the status changed last, for people; copied into task_events.';

COMMENT ON COLUMN tasks.download_path IS 'The zip with the results, relative to UPLOADS; set in the transaction that completes.';

COMMENT ON COLUMN tasks.download_name IS 'What the zip at download_path is to be called when a user saves it.';

COMMENT ON COLUMN tasks.inputs_deleted_at IS 'When its files were removed, because it expired or its time was over.';

COMMENT ON COLUMN tasks.results_tidy IS 'Whether results of earlier attempts have been looked for since the task ended.';

COMMENT ON COLUMN tasks.removal_started_at IS 'When a worker began to remove the files of the task; they may be gone from then on.';

COMMENT ON COLUMN tasks.removal_xid IS 'The transaction that set removal_started_at. Sound goes when all older transactions have ended: one of them may add a task that needs it.';

COMMENT ON COLUMN tasks.faults IS 'The faults that error_message has as text: code, place and text of each.';

COMMENT ON COLUMN tasks.formats IS 'Formats of the result, such as textgrid,csv; empty: as the site says.';

COMMENT ON COLUMN tasks.channels IS 'Channels of recordings: mix, split (each is a speaker), or split:Anna,Ben; empty: as the site says.';

COMMENT ON COLUMN tasks.columns IS 'Columns of tables, such as file=A,begin=Start,end=Stop,text=Trans; empty: they are found by their names.';

COMMENT ON COLUMN tasks.name IS 'What people call the task; for people only.';

COMMENT ON COLUMN tasks.not_before IS 'No worker takes the task before this time; empty: it may begin at once.';

COMMENT ON COLUMN tasks.notify_url IS 'Where a request is sent when the task has ended; empty: the row of its user in webhooks says it.';

COMMENT ON COLUMN tasks.request_hash IS 'SHA-256 of the request with an Idempotency-Key that made the task; empty: made in another way.';

COMMENT ON COLUMN tasks.traceparent IS 'The trace that the task belongs to, as W3C Trace Context writes it; empty: its first worker makes one.';

COMMENT ON TABLE web_tokens IS 'Tokens with which users sign in to the page and its API.';

COMMENT ON COLUMN web_tokens.hash IS 'SHA-256 of the token.';

COMMENT ON COLUMN web_tokens.used_on IS 'The last day on which it was used, in UTC.';

COMMENT ON TABLE webhooks IS 'Where a request is sent when a task of a user has ended that names no notify_url.';

COMMENT ON COLUMN webhooks.user_uuid IS 'The user; *: all who have no row.';
