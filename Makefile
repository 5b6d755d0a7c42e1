# What a fresh machine needs is installed where it is missing; everything else is quick when already done.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PREFIX ?= /usr/local
DESTDIR ?=
RANDOM_TESTS := $(addprefix tests/model/test_,backends.py journal_crashes.py store_tree.py)
CHECKS := check-style check-types check-more-types check-imports
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# Without bytecode kept each command compiles all of vfs: half of what its start takes, and tests start hundreds.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run stop test test-slow golden check $(CHECKS) docs install deb
.DEFAULT_GOAL := help

help:
	@echo "make run    mount a demo storage at ./storage (no account, no network needed)"
	@echo "make stop   unmount it"
	@echo "make test   run all checks and every test but the long forms of some"
	@echo "make test-slow   run those: 2 GiB files, 100,000 random operations, fifty kills"
	@echo "make golden   keep what the tool shows now, in tests/cli/golden; look at the difference"
	@echo "make check  run the checks alone: lint, format, types, imports"
	@echo "make docs   build the documentation site in build/docs"
	@echo "make install   for everybody, below PREFIX ($(PREFIX)): commands, units, manuals; DESTDIR is heeded"
	@echo "make deb    the same as a Debian package in build/"

run: $(VENV)/.ready-to-run
	@scripts/demo.sh start

stop:
	@scripts/demo.sh stop

test: check
	$(BIN)/python -m pytest -m "not slow" --numprocesses auto --dist loadscope --no-loadscope-reorder

test-slow: $(VENV)/.ready-to-test
	$(BIN)/python -m pytest -m slow
	VFS_TEST_EXAMPLES=20 $(BIN)/python -m pytest $(RANDOM_TESTS)

golden: $(VENV)/.ready-to-test
	rm -rf tests/cli/golden/*
	$(BIN)/python -m pytest --rewrite-golden --quiet tests/cli/test_golden.py tests/cli/test_golden_daemons.py
	git diff --stat tests/cli/golden

check: $(VENV)/.ready-to-test
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target $(CHECKS)

check-style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-types:
	$(BIN)/mypy

check-more-types:
	$(BIN)/pyright

check-imports:
	$(BIN)/lint-imports --no-logo --no-cache

install:
	scripts/system-packages.sh "$(PYTHON)" run
	scripts/install.sh "$(PYTHON)" "$(PREFIX)" "$(DESTDIR)"

deb:
	scripts/system-packages.sh "$(PYTHON)" run
	scripts/deb.sh "$(PYTHON)" build

docs: $(VENV)/.ready-to-test
	$(BIN)/zensical build --strict --clean

$(VENV)/.ready-to-run: pyproject.toml scripts/system-packages.sh
	scripts/system-packages.sh "$(PYTHON)" run
	test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	$(PIP) install --upgrade pip
	$(PIP) install --editable ".[all]"
	@touch $@

$(VENV)/.ready-to-test: pyproject.toml scripts/system-packages.sh
	scripts/system-packages.sh "$(PYTHON)" run test
	test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	$(PIP) install --upgrade pip
	$(PIP) install --no-compile --editable ".[all]" --group dev
	@touch $(VENV)/.ready-to-run $@
