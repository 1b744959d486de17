# What people do with a checkout. Needs Python 3.11 with venv; everything else goes into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# By the environment rather than by -c, so that the build's own needs are pinned too.
export PIP_CONSTRAINT := constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## show these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(VENV)/demo.done ## watch alerts arrive on a simulated market, 15 seconds
	@$(BIN)/alertd demo

.PHONY: test
test: $(VENV)/test.done ## run the tests
	$(BIN)/python -m pytest -n auto $(ARGS)

.PHONY: explore
explore: $(VENV)/test.done ## run the tests that draw their input, with new input each time
	$(BIN)/python -m pytest -n auto -m hypothesis --hypothesis-profile explore $(ARGS)

.PHONY: check
check: $(VENV)/check.done ## lint, format, types, imports, Dockerfile
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile

.PHONY: bench
bench: $(VENV)/bench.done ## measure what alerts cost, into BENCHMARKS.md, 15 minutes
	$(BIN)/python -m tests.bench $(ARGS)

.PHONY: chaos
chaos: $(VENV)/test.done ## kill, fill, lock and lie to alertd, into RELIABILITY.md, 10 minutes
	$(BIN)/python -m tests.chaos --write RELIABILITY.md $(ARGS)

.PHONY: constraints
constraints: ## pin the newest versions that fit in constraints.txt
	rm -rf $(VENV)-pins
	$(PYTHON) -m venv $(VENV)-pins
	env -u PIP_CONSTRAINT $(VENV)-pins/bin/pip install --quiet '.[dev]' hatchling
	{ grep '^#' constraints.txt; $(VENV)-pins/bin/pip freeze --exclude alertd; } > $(VENV)-pins/new
	mv $(VENV)-pins/new constraints.txt
	rm -rf $(VENV)-pins

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find alertd tests -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# One stamp for each extra: what is installed once is not installed again until the pins change.
EXTRAS_demo := demo
EXTRAS_test := demo,test
EXTRAS_check := demo,test,check
EXTRAS_bench := bench
$(VENV)/%.done: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --editable '.[$(EXTRAS_$*)]'
	@touch $@
