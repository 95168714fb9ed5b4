# One door for people and for the CI. Needs make and Python 3.11 or newer.

PYTHON ?= python3
BIN := .venv/bin
SOURCE := app.py dashboard feeds layouts callbacks
# Debian and Ubuntu keep venv in a package of its own; root gets it, others are told
GET_VENV := test "$$(id -u)" = 0 && apt-get -q update && apt-get -qy install python3-venv
# the locks are whole, so pip need not look for what else is needed; `make check` proves it
INSTALL := $(BIN)/python -m pip install --quiet --no-deps --require-hashes
# What is pinned stays at its version; to take a newer one, change it in the .in file first
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-emit-package pip \
  --custom-compile-command "make lock"
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where this is set, as in many a container, each start of the program compiles its source anew,
# which takes longer than the start itself; `make clean` removes what is written.
unexport PYTHONDONTWRITEBYTECODE

# Tests run side by side; those of one file stay together, for what they share. In the order of
# their files the quick ones come last, so that all workers end at about the same time. A browser
# keeps a core busy; the others wait as long as they work.
BROWSERS ?= 2
WORKERS ?= 4
PYTEST := $(BIN)/python -m pytest --dist loadfile --no-loadscope-reorder

.PHONY: run test check lock bench pictures clean

run: .venv/runtime.stamp
	@exec $(BIN)/python app.py

test: .venv/dev.stamp
	@$(BIN)/python tests/browser_setup.py
	@status=0; \
	 if command -v node >/dev/null; then node --test tests/js/*.test.js || status=1; \
	 else echo "NOT RUN: the tests in tests/js (there is no node on this machine)"; fi; \
	 $(PYTEST) -n $(BROWSERS) tests/browser || status=1; \
	 $(PYTEST) -n $(WORKERS) --ignore tests/browser || status=1; \
	 exit $$status

check: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(SOURCE)
	$(BIN)/python -m pytest -q tests/test_architecture.py tests/test_requirements.py
	$(BIN)/python -m pip check
	$(BIN)/python tests/advisories.py

lock: .venv/dev.stamp
	$(COMPILE) --output-file requirements.txt requirements.in
	$(COMPILE) --output-file requirements-dev.txt --constraints requirements.txt requirements-dev.in

bench: .venv/dev.stamp
	@for file in benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

# Looks at every scene of the wall in every state and takes the accepted pictures anew
pictures: .venv/dev.stamp
	ONEMAP_PICTURES=accept $(BIN)/python -m pytest -q tests/browser/test_wall_pictures.py

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12"; exit 1; }
	@echo "Making the environment .venv (once; a minute or two) ..."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; $(GET_VENV) && $(PYTHON) -m venv .venv; } \
	  || { rm -rf .venv; echo "Install the package python3-venv, then try again."; exit 1; }

.venv/runtime.stamp: requirements.txt | .venv/bin/python
	@$(INSTALL) -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/runtime.stamp
	@$(INSTALL) -r requirements-dev.txt
	@touch $@
