-- An attempt that dies after it has packed its result leaves it behind. The next attempt removes it; when there is none,
-- since the task failed or was cancelled meanwhile, the workers do it, as a chore.
INSERT INTO chores VALUES ('remove stale results', now());
