# Every command of the project. `make` alone lists them.

# The Node of .toolchain, if there is one, comes before that of the host.
export PATH := $(CURDIR)/.toolchain/bin:$(PATH)

# Values on the command line of make are passed to the recipes as environment, never as text of a shell command. Only ARGS
# is such text, since only a shell can split it at blanks and respect quotes. The user who runs make writes it.
N ?= 2
MINUTES ?= 5
INSTANCES ?= 4
TASK ?=
ID ?=
CODE ?=
ARGS ?=
OUTSIDE ?=
export N MINUTES INSTANCES TASK ID CODE ARGS OUTSIDE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install link demo web submit worker workers status queue instances throughput task list stuck failures retry \
	cancel psql migrate doctor tune \
	db-start db-stop test test-browser check typecheck lint format knip coverage bench soak model schema accuracy \
	phones-page clean

help: ## Print this table
	@sh scripts/list-targets.sh

# Set-up: every other target does it first, and it says nothing when there is nothing to do.
install: ## Fetch Node (if that of the host is too old) and the packages; all other commands do this first
	@sh scripts/install-node.sh
	@sh scripts/install-packages.sh

link: install ## Make "autophon" a command everywhere: a link in ~/.local/bin, for root in /usr/local/bin
	@sh scripts/link.sh

demo: install ## Align real recordings, from nothing: database, queue, two workers, results, the page (ARGS=--no-page: without)
	@node --disable-warning=ExperimentalWarning scripts/demo.ts $(ARGS)

web: install ## Run the page with a worker in the foreground, and the built-in Postgres if there is no other (Ctrl-C stops)
	@exec bin/autophon web --with-worker $(ARGS)

submit: install ## Queue recordings: make submit ARGS="FILES... --lang CODE [--user NAME] [--wait]"
	@bin/autophon submit $(ARGS)

worker: install ## Run one worker in the foreground (Ctrl-C: finish or hand back, then stop)
	@exec bin/autophon worker

workers: install ## Run several workers in the foreground: make workers N=4
	@case $$N in '' | *[!0-9]* | 0*) echo "make workers: N=$$N: expected a whole number from 1, as in: make workers N=4" >&2; exit 2 ;; esac; \
	pids=; trap 'kill $$pids 2>/dev/null' TERM; i=0; \
	while [ "$$i" -lt "$$N" ]; do bin/autophon worker & pids="$$pids $$!"; i=$$((i + 1)); done; \
	trap : INT; for pid in $$pids; do while kill -0 "$$pid" 2>/dev/null; do wait "$$pid"; done; done

status: install ## Show counts, the queue, workers and running tasks
	@bin/autophon status

list: install ## List tasks: make list [ARGS="--user NAME --status failed --since 7d"]
	@bin/autophon list $(ARGS)

stuck: install ## List tasks in processing that no worker works on
	@node scripts/query.ts scripts/sql/stuck.sql

failures: install ## Count failures by code, hour and day, and list the last failed tasks
	@node scripts/query.ts scripts/sql/failures.sql

queue: install ## Show what waits by engine, language and user, and what is paused
	@node scripts/query.ts scripts/sql/queue.sql

instances: install ## Show the workers, what they have done, and what runs where
	@node scripts/query.ts scripts/sql/instances.sql

throughput: install ## Show what was done by hour, and how long tasks wait and run
	@node scripts/query.ts scripts/sql/throughput.sql

task: install ## Show all about a task: make task ID=<task id>
	@if [ -n "$$ID$$TASK" ]; then bin/autophon show "$${ID:-$$TASK}"; \
	else echo 'Usage: make task ID=<task id>; "make list" lists them' >&2; exit 2; fi

retry: install ## Queue a failed or cancelled task again: make retry TASK=<task id>; all with one error: CODE=<error code>
	@if [ -n "$$TASK" ]; then bin/autophon retry "$$TASK"; elif [ -n "$$CODE" ]; then bin/autophon retry --code "$$CODE"; \
	else echo 'Usage: make retry TASK=<task id>, or make retry CODE=<error code>; "make failures" lists both' >&2; exit 2; fi

cancel: install ## Cancel a task: make cancel TASK=<task id>
	@if [ -n "$$TASK" ]; then bin/autophon cancel "$$TASK"; \
	else echo 'Usage: make cancel TASK=<task id>; "make status" lists those that run' >&2; exit 2; fi

psql: install ## Open psql on the database, with the queries of scripts/sql at hand
	@node scripts/psql.ts

migrate: install ## Bring the database up to date
	@bin/autophon migrate

doctor: install ## Check settings, paths, engines, database and disk, and say what to fix
	@bin/autophon doctor

tune: install ## Print the number of slots that fits this machine, by engine
	@node --disable-warning=ExperimentalWarning scripts/tune.ts

db-start: install ## Start the built-in Postgres (not needed when DATABASE_URL is set)
	@bin/autophon db start

db-stop: install ## Stop the built-in Postgres, also that of the tests
	@node scripts/stop-databases.ts

test: install ## Run all tests; some of them: make test ARGS="queue formats"
	@node scripts/run-tests.ts $(ARGS)

test-browser: install ## Run the tests of the page in a browser; root gets Chromium first if there is none
	@sh scripts/install-chromium.sh
	@node scripts/run-tests.ts $(if $(ARGS),$(ARGS),page/ viewer/ http/assets)

check: typecheck lint knip test ## Run typecheck, lint, knip and test: what .ci/run runs

typecheck: install ## Check the types
	@node_modules/.bin/tsc --noEmit
	@node_modules/.bin/tsc --noEmit -p src/page

lint: install ## Check style and formatting
	@node_modules/.bin/biome check --error-on-warnings .

format: install ## Fix formatting and what lint can fix itself
	@node_modules/.bin/biome check --write .

knip: install ## Look for unused files, exports and packages
	@node_modules/.bin/knip
	@node_modules/.bin/knip --production

coverage: install ## Run all tests, or those that ARGS names, and show which lines they reach
	@node_modules/.bin/c8 node scripts/run-tests.ts $(ARGS)

bench: install ## Measure latency, throughput and statements per task beside another queue
	@node --disable-warning=ExperimentalWarning scripts/bench.ts $(ARGS)

soak: install ## Disturb real workers and a real Postgres at random, then check the promises: make soak [MINUTES=5] [INSTANCES=4]
	@node scripts/soak.ts --minutes "$$MINUTES" --instances "$$INSTANCES" $(ARGS)

model: install ## Search the model of the protocol for a broken promise (needs spin and gcc): make model [ARGS=mutants]
	@node scripts/model.ts $(ARGS)

phones-page: install ## Write docs/phones.md again, from the built-in languages
	@node scripts/phones-page.ts

schema: install ## Write migrations/schema.sql again, from a database that all migrations have run on
	@node scripts/schema.ts

accuracy: install ## Measure boundaries of the samples against the synthesiser's own times
	@node scripts/accuracy.ts $(ARGS)

clean: ## Stop the databases and remove what was installed; .data with tasks and results stays; OUTSIDE=remove: see docs
	@sh scripts/assert-removable.sh
	@if [ -e node_modules/.installed-from ]; then node scripts/stop-databases.ts && node scripts/clean-outside.ts; fi
	@sh scripts/link.sh remove
	rm -rf node_modules .toolchain coverage
