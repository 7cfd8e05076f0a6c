# The one way in, for people and for CI. Nothing need be prepared: every target installs what it needs first.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.tools/bin:$(PATH)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed ## make .venv (the other targets do it by themselves)

.venv/.installed: requirements-dev.lock package-lock.json pyproject.toml scripts/setup.sh
	@scripts/setup.sh

demo: setup ## start the whole system on this machine with demo data; Ctrl-C stops it
	@scripts/demo.sh

# Without OPA or PostgreSQL the tests that need them fail and say so; without Docker or a browser they read "not run".
test: setup ## run every test; arguments for pytest in ARGS
	@scripts/opa.sh || true
	@scripts/postgres.sh || true
	@scripts/browser.sh || true
	@scripts/compose.sh || true
	@scripts/docker.sh && scripts/sandbox-image.sh >/dev/null && scripts/product-image.sh >/dev/null || true
	@.venv/bin/pytest $(ARGS)

check: setup ## formatting, lint, types, import directions, Rego, generated docs, translations
	@scripts/opa.sh
	@scripts/check.sh

bench: setup ## every benchmark; JSON under bench/results/, a table on the screen
	@.venv/bin/python scripts/bench.py

lock: setup ## resolve the dependencies of pyproject.toml anew into the lock files
	@scripts/lock.sh

clean: ## remove everything that was made here: environment, tools, state, caches
	rm -rf .venv .tools .state .cache build node_modules *.egg-info bench/results datasets/demo/data \
		.pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup demo test check bench lock clean
