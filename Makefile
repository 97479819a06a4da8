# The few things one does with watchfloor from a clone. `make help` says them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

# Stamps carry the checksum of what they stand for, so that a changed lock is seen and an unchanged one costs nothing.
checksum = $(shell cat $(1) 2>/dev/null | cksum | tr ' ' -)
PY_STAMP := $(VENV)/.watchfloor-python-$(call checksum,requirements.lock pyproject.toml)
CONSOLE_SOURCES := $(shell [ -f console/package.json ] && find console -type f -not -path '*/node_modules/*' -not -path '*/test-results/*' | LC_ALL=C sort)
CONSOLE_STAMP := $(VENV)/.watchfloor-console-$(call checksum,$(CONSOLE_SOURCES) /dev/null)
NODE_STAMP := $(VENV)/.watchfloor-node-$(call checksum,console/package-lock.json)

# What a stamp stands for may have been removed by hand.
ifeq (,$(wildcard console/node_modules))
$(shell rm -f $(VENV)/.watchfloor-node-*)
endif
ifeq (,$(wildcard src/watchfloor/web/console/index.html))
$(shell rm -f $(VENV)/.watchfloor-console-*)
endif

help: ## Say what can be done here
	@echo 'watchfloor: make <target>'
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "  %-14s %s\n", $$1, $$2 }'

setup: $(PY_STAMP) console browser ## Install everything, by the lock; quick the second time

$(PY_STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'watchfloor needs Python 3.11 or newer; set PYTHON=' >&2; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@echo 'setup: Python packages, by the lock'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.watchfloor-python-*
	@touch $@

console: $(CONSOLE_STAMP) # The built console, anew when a source of it changed

$(NODE_STAMP): | $(PY_STAMP)
	@if [ -f console/package.json ]; then \
		echo 'setup: node packages, by the lock'; \
		$(BIN)/python tools/console_build.py npm ci --no-audit --no-fund --loglevel=error; \
		rm -f $(VENV)/.watchfloor-node-*; touch $@; \
	fi

$(CONSOLE_STAMP): $(NODE_STAMP) | $(PY_STAMP)
	@if [ -f console/package.json ]; then \
		echo 'setup: console'; \
		$(BIN)/python tools/console_build.py run build; \
		rm -f $(VENV)/.watchfloor-console-*; touch $@; \
	else \
		echo 'setup: no console in this tree yet, left out'; \
	fi

browser: # Chromium for the browser tests, where this user may install it
	@tools/browser.sh

demo: setup ## Run the center and a simulated city until Ctrl-C
	@$(BIN)/watchfloor demo $(ARGS)

up: setup ## Run the center here, in ./data (ARGS="--data DIR" for elsewhere)
	@$(BIN)/watchfloor up $(or $(ARGS),--data data)

test: setup ## Run every test but those of make check and make soak: Python, browser, PostgreSQL 15, console (ARGS=tests/plates for some)
	@$(BIN)/python -m tools.test $(ARGS)

check: setup ## Judge the code without running it: format, lint, types, imports, architecture, docs
	@$(BIN)/python -m tools.check

bench: setup ## Measure a promise (ARGS="record --cameras 8 --seconds 60")
	@$(BIN)/watchfloor bench $(or $(ARGS),--help)

pictures: setup ## Take the pictures of the README anew (DIR=docs/pictures ARGS=--all for every page in every look)
	@$(BIN)/python -m tests.console.pictures $(or $(DIR),docs/pictures) $(ARGS)

journeys: setup ## Go each role's errand in both themes on three screens (six minutes; make test goes each in one)
	@$(BIN)/python -m pytest tests/console/test_journeys.py --every-look $(ARGS)

soak: setup ## Run the long tests, then kill processes at random for an hour while a shift is at work (MINUTES=60 ARGS="--seed 7")
	@$(BIN)/python -m pytest -m soak tests
	@$(BIN)/python -m tests.story.soak --minutes $(or $(MINUTES),60) $(ARGS)

fmt: $(PY_STAMP) ## Put the code in its one form
	@$(BIN)/ruff check --fix-only --quiet; $(BIN)/ruff format

docs: $(PY_STAMP) $(NODE_STAMP) # Write the tables of docs/ and the console's types anew from the code
	@$(BIN)/python tools/docs_tables.py
	@$(BIN)/python tools/console_build.py run api

ratchet: $(PY_STAMP) # Lower the list of tolerated exceptions to what is true
	@$(BIN)/python -m tests.architecture.ratchet

lock: $(PY_STAMP) # Resolve the Python lock anew; needs uv (pip install uv)
	@uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --group dev pyproject.toml -o requirements.lock

clean: ## Remove what was built here; data directories stay
	@rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis \
		console/node_modules src/watchfloor/web/console
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup console browser demo up test check bench pictures journeys soak fmt docs ratchet lock clean
