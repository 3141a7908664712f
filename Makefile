# Four commands for people: run, test, check, bench. Each sets up what it needs on a machine with Python 3.11+, git, make.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	command -v $$name >/dev/null 2>&1 && $$name -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
CATALOGUE := program/translations/pl/LC_MESSAGES/messages

# Compiled once and kept, whatever the shell around says: a start takes a fifth less, and tests start the app often.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test check bench crash test-sqlite test-postgresql translations lock clean

help: ## Show these lines
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

# What runs, and what only development needs, apart: `make run` should not wait for a browser driver.
$(VENV)/.run: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Milepost needs Python 3.11 or newer with venv. Install it, then run make again."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

$(CATALOGUE).mo: $(CATALOGUE).po $(VENV)/.run
	$(BIN)/pybabel --quiet compile -d program/translations

run: $(VENV)/.run $(CATALOGUE).mo ## Install, migrate, load the demo, serve at http://127.0.0.1:8000 (PORT=… overrides)
	$(BIN)/milepost upgrade
	$(BIN)/milepost demo --if-empty
	@$(BIN)/milepost demo --link --base-url http://127.0.0.1:$(PORT)
	@MILEPOST_LOG_LEVEL=$${MILEPOST_LOG_LEVEL:-WARNING} $(BIN)/milepost serve --port $(PORT)

test: test-sqlite test-postgresql ## The whole suite on SQLite, browser journeys included, and on PostgreSQL what touches a database

test-sqlite: $(VENV)/.dev $(CATALOGUE).mo
	@$(BIN)/python scripts/find_browser.py --install
	MILEPOST_TEST_DATABASE=sqlite $(BIN)/python -m pytest -n 2 --dist worksteal

test-postgresql: $(VENV)/.dev $(CATALOGUE).mo
	MILEPOST_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 2 --dist worksteal -m "not browser"

crash: $(VENV)/.dev $(CATALOGUE).mo ## A minute of killed clocks and web processes with 5,000 messages, on both databases
	for database in sqlite postgresql; do MILEPOST_TEST_DATABASE=$$database MILEPOST_CRASH_SECONDS=60 $(BIN)/python -m pytest tests/outbox/test_crash.py; done

check: $(VENV)/.dev $(CATALOGUE).mo ## Style, types, import contract, templates, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint templates plugins --quiet
	$(BIN)/python scripts/translations.py check

bench: $(VENV)/.dev $(CATALOGUE).mo ## Statements, speed and memory of every page beside a bare Flask page; messages a second
	$(BIN)/milepost bench

translations: $(VENV)/.dev ## Bring the Polish catalogue up to date with the texts in the code
	$(BIN)/python scripts/translations.py update

lock: ## Lock the dependencies anew, with hashes (needs uv)
	uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade -o requirements.txt
	uv pip compile pyproject.toml --extra build --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -o requirements-dev.txt

clean: ## Remove what make made, except the instance folder with its database
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
