# `make` lists what there is to do. Only Python 3.11 or newer and make itself have to be there.
PYTHON ?= python3
PORT ?= 8000
N ?= 20000
SECONDS ?= 600
SEED ?= 1
RUN := .venv/bin/python
export PORT
.DEFAULT_GOAL := help
.PHONY: help install install-dev start start-dev run demo test-fast test trials check format lock generate roles openapi schema dictionary synthetic fuzz bench token psql backup restore drill docs release stop clean

help:  ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install:
	@$(PYTHON) failure_lessons/local/install.py

install-dev:
	@$(PYTHON) failure_lessons/local/install.py dev

start: install
	@test -n "$$DATABASE_URL" || $(RUN) -m failure_lessons.local.postgres start

start-dev: install-dev
	@test -n "$$DATABASE_URL" || $(RUN) -m failure_lessons.local.postgres start

run: install  ## Set everything up and serve the site (PORT=8000; EMPTY=1 for one of your own without our evidence)
	@$(RUN) -m failure_lessons.local.run

demo: install  ## A site of its own in which much is invented: rounds in each state, a workshop, tasks (PORT=8000)
	@DEMONSTRATION=1 $(RUN) -m failure_lessons.local.run

# Compiled tests are kept whatever the environment says: compiling them anew takes longer than collecting.
PYTEST := DEBUG=1 PYTHONDONTWRITEBYTECODE= $(RUN) -m pytest -n 2 --dist worksteal

test-fast: start-dev  ## Run what is quick: no browser, nothing slow, few examples (ARGS="-k words" for a part)
	@HYPOTHESIS_PROFILE=dev $(PYTEST) -m "not browser and not slow and not trials" --durations=10 --durations-min=0.4 $(ARGS)

test: start-dev  ## Run everything that proves a rule (COVERAGE=1, as CI does: with the floor of coverage, in twice the time)
	@HYPOTHESIS_PROFILE=ci $(PYTEST) -m "not trials" $(if $(COVERAGE),--cov --cov-report=) $(ARGS)

trials: start-dev  ## Run long trials: every property with ten times the examples, many random sequences, every page, sizes, drills
	@HYPOTHESIS_PROFILE=trials $(PYTEST) -m "trials or hypothesis or browser" $(ARGS)

check: start-dev  ## Format, lint, types, templates, migrations, generated files
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@DEBUG=1 $(RUN) -m mypy .
	@$(RUN) -m djhtml --check --tabwidth 2 templates
	@DEBUG=1 $(RUN) manage.py check --fail-level WARNING
	@DEBUG=1 $(RUN) manage.py makemigrations --check --dry-run

format: install-dev  ## Put code and templates into shape
	@$(RUN) -m ruff format . && $(RUN) -m ruff check --fix . && $(RUN) -m djhtml --tabwidth 2 templates

lock: install-dev  ## Choose newer dependencies within pyproject.toml and lock them
	@$(RUN) -m failure_lessons.local.lock

generate: install-dev  ## Write anew whatever is generated: migrations, OpenAPI, package schema, data dictionary
	@DEBUG=1 $(RUN) manage.py makemigrations
	@DEBUG=1 $(RUN) manage.py package_schema
	@DEBUG=1 $(RUN) manage.py spectacular --format openapi-json --file failure_lessons/api/files/openapi.json
	@DEBUG=1 $(RUN) manage.py data_dictionary

roles: start-dev  ## Ask every address as each role, and write the table in docs/roles.md anew (a few minutes)
	@WRITE_ROLES=1 $(PYTEST) -n 0 tests/test_role_matrix.py -m trials

openapi: install-dev  ## Write the OpenAPI file anew (docs/openapi.json leads to it)
	@DEBUG=1 $(RUN) manage.py spectacular --format openapi-json --file failure_lessons/api/files/openapi.json

schema: install-dev  ## Write the JSON Schema of evidence packages anew
	@DEBUG=1 $(RUN) manage.py package_schema

dictionary: install-dev  ## Write docs/data-dictionary.md anew
	@DEBUG=1 $(RUN) manage.py data_dictionary

synthetic: start  ## Fill a database of its own with N=20000 invented recommendations
	@DEBUG=1 $(RUN) -m bench.synthetic $(N)

fuzz: start-dev  ## Attack a running server (PORT) with what the contract allows and forbids, for SECONDS=600 with SEED=1 (TOKEN=… also writes)
	@$(RUN) -m schemathesis.cli --config-file tests/api/schemathesis.toml run docs/openapi.json --url http://127.0.0.1:$(PORT) --phases examples,coverage,fuzzing,stateful \
		--checks all --exclude-checks positive_data_acceptance --continue-on-failure --seed $(SEED) --max-time $(SECONDS) $(if $(TOKEN),-H "Authorization: Bearer $(TOKEN)")

token: start  ## A token with every scope for a program that tries the site of `make run` (PARTNER=me; TEST=1: it keeps nothing)
	@DEBUG=1 $(RUN) manage.py create_token $(or $(PARTNER),me) --new-partner --name "tried out" --days 30 \
		--scope read --scope write:references --scope write:case-studies --scope write:findings \
		--scope write:packages --scope webhooks $(if $(TEST),--test)

bench: start  ## Measure ours beside the limits and at two sizes, in one table (N=200000)
	@DEBUG=1 N=$(N) $(RUN) -m bench.table

psql: start  ## A database prompt
	@$(RUN) -m failure_lessons.local.postgres psql

stop: install  ## Stop the embedded database
	@$(RUN) -m failure_lessons.local.postgres stop

clean:  ## Remove caches and the virtual environment, never data
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage staticfiles

backup: start  ## Write a backup of the embedded database, with its keys, into BACKUPS=var/backups
	@DEBUG=1 SECRET_KEY="$$(cat var/secret-key 2>/dev/null)" $(RUN) manage.py backup $(or $(BACKUPS),var/backups)

restore: start  ## Put the backup FILE=… into the embedded database, which is kept aside first
	@$(RUN) -m failure_lessons.local.restore "$(FILE)"

drill: start-dev  ## Two nodes, a pool, a primary and a standby on this machine: publish, read, kill -9 (KILLS=20 SEED=1)
	@DEBUG=1 $(RUN) -m bench.drill

docs: install  ## The documents as pages that need no network, into OUT=var/docs; a broken link stops it
	@$(RUN) -m failure_lessons.local.docs

release: install  ## From what is committed: wheel, bill of materials, licences, hashes (OUT=var/release, MINISIGN_KEY=… signs)
	@$(RUN) -m failure_lessons.local.release
