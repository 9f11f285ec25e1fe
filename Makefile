# Everything starts from a Python 3.11 with pip; the rest is fetched by uv as uv.lock pins it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

UV_VERSION := 0.13.8
UV := .uv/bin/uv
BIN := .venv/bin
READY := .venv/.ready
PYTEST_ARGS ?=
# A file's tests stay in one worker, and files start in the order that tests/conftest.py gives them.
BY_FILE := --dist loadfile --no-loadscope-reorder

# The demo's world: sized so that everything, training included, takes minutes on two cores.
DEMO := demo
DEMO_WORLD := --skills 150 --customers 2000 --requests 20000 --seed 7

# What the system tests need from Debian's packages: a command, and the package that brings it.
SYSTEM_NEEDS := chromium:chromium pg_ctlcluster:postgresql buildah:buildah podman:podman runc:runc \
  debootstrap:debootstrap docker-compose:docker-compose prometheus:prometheus \
  javac:default-jdk-headless mvn:maven

# One variable for uv itself: never another interpreter than the one chosen below, never a download of one.
export UV_PYTHON_DOWNLOADS := never

.PHONY: help demo test test-system lint bench clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 14

demo: $(READY) ## A small world from requests to a served model, one request routed, the review's path
	@$(BIN)/python -m pipelines.demo $(DEMO) -- $(DEMO_WORLD)

test: lint ## Lint, then every test that needs PyPI only
	$(BIN)/pytest $(PYTEST_ARGS) -n auto --maxprocesses 4 $(BY_FILE) -m "not system"

test-system: $(READY) ## The tests that need more than PyPI; apt-get brings what is missing
	@missing=""; for need in $(SYSTEM_NEEDS); do \
	  command -v "$${need%%:*}" >/dev/null || missing="$$missing $${need##*:}"; done; \
	if [ -n "$$missing" ] && ! { apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends $$missing; } >/dev/null; then \
	  echo "test-system: missing, and apt-get could not install it:$$missing." >&2; \
	  echo "The tests that need it are skipped. As root: apt-get install$$missing" >&2; fi
	$(BIN)/pytest $(PYTEST_ARGS) -n 3 $(BY_FILE) -m system -rs

lint: $(READY) ## ruff, mypy and the layering contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) ## The measurements of benchmarks/, all or BENCH=name (arbiter bench lists them)
	@$(BIN)/arbiter bench $(or $(BENCH),all)

clean: ## Remove what the targets above made
	rm -rf .uv .venv .flink $(DEMO) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(READY): pyproject.toml uv.lock $(wildcard compat/*/*) | $(UV)
	@echo "Installing the packages of uv.lock into .venv ..."
	@$(UV) sync --frozen --quiet --all-extras --python "$$(cat .uv/python)"
	@touch $@

# A Python without the venv module's pip (Debian splits it off) still has pip itself.
$(UV):
	@python="$$(command -v python3.11 || command -v python3 || true)"; \
	if [ -z "$$python" ] || ! "$$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then \
	  echo "Arbiter needs Python 3.11 on the PATH, as python3.11 or python3; found: $${python:-none}" >&2; exit 1; fi; \
	rm -rf .uv; \
	if "$$python" -m venv .uv 2>/dev/null; then .uv/bin/pip install --quiet uv==$(UV_VERSION); \
	else rm -rf .uv; "$$python" -m pip install --quiet --target .uv uv==$(UV_VERSION); fi; \
	"$$python" -c 'import sys; print(sys.executable)' > .uv/python
