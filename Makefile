# The project's commands; `make help` lists them. Each sets up .venv when it is missing or out of date.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
OUT ?= runs

# Each worker computes with one thread: tests/conftest.py sees to it.
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all test-types lint format bench clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Create .venv with the versions of constraints.txt

# A virtual environment that cannot run pip (moved, half made, another Python) is made anew.
$(STAMP): pyproject.toml constraints.txt
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		echo "Creating $(VENV) ..."; $(PYTHON) -m venv --clear $(VENV); fi
	@echo "Installing profond and its tools into $(VENV) (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

run: $(STAMP) ## Train on Boston and Iris, then tour the chapters (about a minute)
	@mkdir -p $(OUT)
	$(BIN)/profond train boston --out $(OUT)/boston
	$(BIN)/profond train iris --out $(OUT)/iris
	$(BIN)/profond tour --out $(OUT)/tour.html
	@echo
	@echo "Kept models: $(OUT)/boston and $(OUT)/iris. The tour: open $(OUT)/tour.html in a browser."

test: $(STAMP) ## Run the usual tests
	$(PYTEST) -m "not slow"

test-all: $(STAMP) ## Run every test, the slow ones too
	$(PYTEST)

# Those parts whose functions annotate shapes; what gives wrong types on purpose is left out.
test-types: $(STAMP) ## Run the numerical tests with the annotated shapes checked
	PROFOND_CHECK_TYPES=1 $(PYTEST) -m "not slow" tests/test_*.py tests/layers tests/losses \
		tests/metrics tests/models tests/ops tests/optimizers tests/training

lint: $(STAMP) ## Check style and types, change nothing
	@failed=0; \
	for check in "ruff check ." "ruff format --check ." basedpyright; do \
		echo "$(BIN)/$$check"; $(BIN)/$$check || failed=1; \
	done; exit $$failed

format: $(STAMP) ## Format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## Measure speed beside the peers that are installed
	$(BIN)/python -m benchmarks

clean: ## Remove .venv, caches and build products (results in runs/ stay)
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis src/*.egg-info
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
