# Everything one does with this project. `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: help run scale test test-js faults lint types seed docs messages bench bench-admin audit lock
.DELETE_ON_ERROR:

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

run: $(INSTALLED) ## Start the site on http://127.0.0.1:8000
	@exec $(BIN)/python manage.py serve

scale: $(INSTALLED) ## Start PostgreSQL, Redis, nginx and PROCESSES=2 of the site together
	@exec $(BIN)/python -m deploy.scale

seed: $(INSTALLED) ## Make a small world to look at: people, rooms, messages
	@$(BIN)/python manage.py serve --prepare-only
	@exec $(BIN)/python manage.py seed

test: $(INSTALLED_DEV) test-js test-postgresql ## Run every test
	@$(BIN)/pytest -q -n 2 --dist loadfile

test-postgresql: $(INSTALLED_DEV) ## Run the tests for which the store matters on PostgreSQL
	@$(BIN)/python -m tests.on_postgresql -n 2 --dist loadfile

# With many seeds three runs go at a time: most of each is waiting.
SEEDS ?= 3
faults: $(INSTALLED_DEV) ## Break things under load, and see that nothing is lost: SEEDS=3
	@exec $(BIN)/python -m tests.fault_suite --seeds $(SEEDS) --lanes $(if $(filter 1 2 3 4 5,$(SEEDS)),1,3)

test-js: | $(BIN)/python
	@if command -v node >/dev/null; then \
		node --test tests/js/*.test.js >$(VENV)/.js-tests 2>&1 \
			|| { grep -v '^ok' $(VENV)/.js-tests; exit 1; }; \
		sed -n 's/^[#ℹ] pass \(.*\)/\1 tests of the page'"'"'s models passed/p' $(VENV)/.js-tests; \
	elif [ "$${CI:-}" = true ]; then \
		echo "Node is missing, and CI runs every test."; exit 1; \
	else \
		echo "Node is missing: the page's models are not tested."; \
	fi

lint: $(INSTALLED_DEV) types ## Check style, types, the direction of imports, known mistakes
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/lint-imports --cache-dir .import_linter_cache >$(VENV)/.imports 2>&1 \
		|| { cat $(VENV)/.imports; exit 1; }
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive chat chatsite

types: $(INSTALLED_DEV)
	@$(BIN)/mypy --no-error-summary

audit: $(INSTALLED_DEV) ## Look for known holes in what the site runs on
	@$(BIN)/python .ci/audit.py

lock: $(INSTALLED_DEV) ## Write down the hashes of what production installs
	@$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --python-platform linux \
		--no-annotate --no-header requirements.txt -o deploy/requirements.lock

docs: $(INSTALLED_DEV) ## Make the pages that are made from the code
	@$(BIN)/python docs/file_map.py
	@$(BIN)/python manage.py wire_docs

messages: $(INSTALLED) ## Gather the sentences to be translated, and compile the translations
	@$(BIN)/python manage.py catalogues

bench: $(INSTALLED_DEV) ## Measure, beside the plain Channels tutorial
	@exec $(BIN)/python -m benchmarks

bench-admin: $(INSTALLED_DEV) ## Measure the admin's list and search at a million messages
	@exec $(BIN)/python -m benchmarks.admin_list

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { echo "Python cannot make $(VENV). On Debian: apt-get install python3-venv"; exit 1; }

$(INSTALLED): requirements.txt | $(BIN)/python
	@echo "Installing what the site needs into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(INSTALLED_DEV): requirements-dev.txt $(INSTALLED)
	@echo "Installing what tests and checks need into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
