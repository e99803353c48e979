# Everything here needs Python 3.11 or newer, make, and a network to the package index; nothing else.
#
#   make run      start the board, on the demo where there is no config    make run ARGS="--no-tui -c config.yaml"
#   make test     the whole suite                       make test ARGS="tests/core -x"
#   make check    style, types and the layers of the house
#   make bench    the figures of the README, measured on this machine
#   make picture  the picture of the board in the README
#   make build    the wheel and the source archive, in dist/
#   make lock     write requirements/*.txt anew         make lock ARGS=--upgrade

ARGS ?=
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What `make run` brings: the small extras, so that every line of config.example.yaml works as it stands.
EXTRAS := $(foreach extra,apprise azure speed brotli dns grpc postgres sql systemd tls websocket,--extra $(extra))
# Every file is checked against the hashes in requirements/, so a mirror or a cache cannot slip in another one.
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
LOCK := $(VENV)/lock/bin/uv pip compile --no-config --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header $(ARGS)

# What is called where nothing is asked for: the board, or its demo where no config is found.
FIRST := import os, pathlib; from tui_monitor.config.where import find; \
	print("" if find(None, os.environ, pathlib.Path.cwd()) else "--demo")

.PHONY: run test check bench rivals picture build lock clean
.DELETE_ON_ERROR:

run: $(VENV)/.run
	@$(BIN)/tui-monitor $(or $(ARGS),$$($(BIN)/python -c '$(FIRST)'))

test: $(VENV)/.dev
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev $(VENV)/rivals/.done
	@$(BIN)/python -m tests.bench $(ARGS)

rivals: $(VENV)/rivals/.done

picture: $(VENV)/.dev
	@$(BIN)/python -m tests.picture

build: $(VENV)/.dev
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist .

clean:
	rm -rf $(VENV) dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "tui-monitor needs Python 3.11 or newer, and '$(PYTHON)' is not: name one, as in make PYTHON=/path/to/python3.11." >&2; \
		exit 2; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "Python could not make a virtual environment in $(VENV); on Debian and Ubuntu install python3-venv." >&2; \
		exit 2; }

$(VENV)/.run: $(BIN)/python requirements/run.txt pyproject.toml
	@echo "Installing what tui-monitor needs into $(VENV), once ..." >&2
	@$(PIP) install --require-hashes --requirement requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "Installing what the tests need into $(VENV), once ..." >&2
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@

# What the benches measure us beside wants dependencies of its own, so it gets an environment of its own.
$(VENV)/rivals/.done: $(BIN)/python requirements/bench.txt
	@$(PYTHON) -m venv --clear $(VENV)/rivals
	@$(VENV)/rivals/bin/python -m pip -qq install --require-hashes --requirement requirements/bench.txt
	@touch $@

lock: $(BIN)/python
	@test -x $(VENV)/lock/bin/uv || { $(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip -qq install uv==0.13.8; }
	@$(LOCK) $(EXTRAS) pyproject.toml requirements/run.in --output-file requirements/run.txt
	@$(LOCK) $(EXTRAS) --extra aws --extra mysql --constraint requirements/run.txt \
		pyproject.toml requirements/run.in requirements/dev.in --output-file requirements/dev.txt
	@$(LOCK) requirements/bench.in --output-file requirements/bench.txt
