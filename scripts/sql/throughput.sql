-- By hour
SELECT hour, completed, failed, cancelled, audio_hours, words FROM throughput_by_hour LIMIT 24;

-- Waiting and run time of completed tasks, last 7 days
SELECT engine, lang, tasks, wait_median_sec, wait_p95_sec, run_median_sec, run_p95_sec FROM task_times;

-- Stages, last 30 days
SELECT engine, stage, runs, median_sec, mean_sec, max_sec, sec_per_audio_sec FROM stage_durations;
