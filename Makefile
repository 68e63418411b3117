# ATOM's menu. Works as root and as an ordinary user, from a path with spaces, without a system Node.js.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:
# Images like to set it. Without compiled modules every process compiles Django anew: 5 s to start instead of 2.
unexport PYTHONDONTWRITEBYTECODE

PY := .venv/bin/python
RUN := $(PY) -m atom_project.runtime
TEST := ATOM_PROFILE=test $(PY) -m pytest
# Workers of the whole suite, each with a database of its own.
WORKERS ?= 2
# Tests that start whole installations and mostly wait for them.
INSTALLATIONS := tests/integration/runtime \
	$(addprefix tests/integration/workflows/,test_faults.py test_profile_survives.py test_with_workers.py)
# A linter needs the settings but no server.
QUIET := ATOM_PROFILE=test ATOM_NO_SERVERS=1

# The stamps carry the hash of what they were made from: a changed pin installs again, nothing else does.
HASH = $(shell cat $(1) 2>/dev/null | cksum | tr -d ' ')
RUNTIME_STAMP := .venv/.runtime-$(call HASH,requirements.txt)
DEV_STAMP := .venv/.dev-$(call HASH,requirements.txt requirements-dev.txt)
NODE_STAMP := node_modules/.atom-$(call HASH,package-lock.json)
STATIC_STAMP := static/dist/.built
STATIC_SOURCES := $(shell find static/src static/build.js -type f 2>/dev/null) package-lock.json

INSTALL := deploy/install-requirements $(PY)
# The system's Node.js from 20.12 on, else the one of the wheel.
# NODE_USE_SYSTEM_CA: a company's own certificate authority counts, as it does for pip.
NODE := NODE_USE_SYSTEM_CA=1 PATH="$$($(PY) -m atom_project.runtime node-path):$$PATH"

.PHONY: help
help: ## Show this menu
	@echo 'ATOM. Two commands do everything: make run, make test.'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  PORT=8001 make run   serves on another port; POSTGRES_DSN and REDIS_URL replace the embedded servers.'

# --- the product --------------------------------------------------------------------------------------------------
.PHONY: run servers servers-down status env
run: $(RUNTIME_STAMP) $(STATIC_STAMP) ## Install, build, migrate, seed and serve on port 8000
	@exec $(RUN) run

servers: $(RUNTIME_STAMP) ## Start the embedded PostgreSQL and Redis and leave them running
	@$(RUN) up

servers-down: $(RUNTIME_STAMP) ## Stop them when nobody uses them
	@$(RUN) down

status: $(RUNTIME_STAMP) ## Say which embedded servers run
	@$(RUN) status

env: $(RUNTIME_STAMP) ## Print the environment of this installation for a shell
	@$(RUN) env

# --- checks -------------------------------------------------------------------------------------------------------
.PHONY: test test-suite test-installations test-unit test-integration test-browser smoke lint lint-types lint-text format bench fuzz audit verify
# Side by side, each in a world of its own: what starts installations, workers and a browser and mostly waits for them,
# and everything else. What the first says comes at the end; a line with + is not held back. Short tests come last, so
# that neither worker ends long before the other.
test: $(DEV_STAMP) $(STATIC_STAMP) ## Every test: architecture, unit, integration (the smoke is one), browser
	@$(MAKE) --jobs=2 --output-sync=target test-suite test-installations

test-suite: $(DEV_STAMP) $(STATIC_STAMP)
	+@$(TEST) --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder \
		$(addprefix --ignore=,$(INSTALLATIONS)) tests/integration tests/unit tests/architecture

test-installations: $(DEV_STAMP) $(STATIC_STAMP)
	@failed=0; for suite in "$(INSTALLATIONS)" tests/browser; do \
		ATOM_TEST_SUFFIX=installations $(TEST) $$suite || failed=1; done; exit $$failed

test-unit: $(DEV_STAMP) ## The fast tests, no server
	@$(TEST) tests/architecture tests/unit

test-integration: $(DEV_STAMP) $(STATIC_STAMP) ## Against real PostgreSQL, Redis, workers and sockets
	@$(TEST) tests/integration

test-browser: $(DEV_STAMP) $(STATIC_STAMP) ## In Chromium
	@$(TEST) tests/browser

smoke: $(DEV_STAMP) $(STATIC_STAMP) ## The whole path of a new user, on a throw-away tenant
	@$(PY) manage.py e2e_smoke --in-process

lint: $(DEV_STAMP) ## ruff, format, mypy, import-linter, djlint, eslint
	@$(MAKE) --jobs=2 --output-sync=target lint-types lint-text

lint-types: $(DEV_STAMP)
	@$(QUIET) $(PY) -m mypy

lint-text: $(DEV_STAMP) $(NODE_STAMP)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(QUIET) $(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	@$(PY) -m djlint templates --lint --quiet
	@$(NODE) npm run --silent lint

format: $(DEV_STAMP) ## Let ruff put the code in order
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: $(DEV_STAMP) $(STATIC_STAMP) ## Measure against the floor of the same run: ONLY="query tenancy"
	@$(PY) -m tests.benchmarks $(ONLY)

fuzz: $(DEV_STAMP) ## Look for SQL on which the two BigQuery readers disagree (EXAMPLES=2000), and for what breaks a property
	@$(QUIET) $(PY) -m tests.fuzz $(EXAMPLES)
	@$(TEST) tests/unit -m hypothesis --hypothesis-profile search

audit: $(DEV_STAMP) ## Known vulnerabilities in what is installed
	@$(PY) -m pip_audit --progress-spinner off -r requirements.txt

verify: lint test bench ## The release gate

# --- building -----------------------------------------------------------------------------------------------------
.PHONY: setup build-static clean clean-venv clean-state
setup: $(DEV_STAMP) $(STATIC_STAMP) ## Install everything without starting anything

build-static: $(RUNTIME_STAMP) $(STATIC_STAMP) ## Build static/dist

$(PY):
	@deploy/python-for-venv > .venv.python.tmp || { cat .venv.python.tmp >&2; rm -f .venv.python.tmp; exit 1; }
	@echo "Making the virtual environment with $$(cat .venv.python.tmp) …"
	@"$$(cat .venv.python.tmp)" -m venv .venv || { rm -rf .venv .venv.python.tmp; exit 1; }
	@rm -f .venv.python.tmp

$(RUNTIME_STAMP): | $(PY)
	@echo 'Installing the requirements …'
	@$(INSTALL) -r requirements.txt
	@rm -f .venv/.runtime-* && touch $@

$(DEV_STAMP): | $(PY)
	@echo 'Installing the requirements and the test tools …'
	@$(INSTALL) -r requirements-dev.txt
	@rm -f .venv/.dev-* .venv/.runtime-* && touch $@ $(RUNTIME_STAMP)

$(NODE_STAMP): | $(RUNTIME_STAMP)
	@echo 'Installing the page libraries …'
	@$(NODE) npm ci --no-audit --no-fund --loglevel=error
	@rm -f node_modules/.atom-* && touch $@

$(STATIC_STAMP): $(STATIC_SOURCES) | $(NODE_STAMP)
	@echo 'Building the static files …'
	@$(NODE) npm run --silent build
	@mkdir -p static/dist && touch $@

clean: ## Remove what was built (data and the virtual environment stay)
	@rm -rf static/dist node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .benchmarks
	@find apps atom_project celery_app migrations tests -name __pycache__ -type d -prune -exec rm -rf {} +

clean-venv: ## Remove the virtual environment
	@rm -rf .venv

clean-state: $(RUNTIME_STAMP) ## Remove all data of this installation: CONFIRM=yes
	@$(RUN) forget $(if $(filter yes,$(CONFIRM)),--yes)
