# `make run` and `make test` do all the set-up that they need on a fresh machine with a Rust toolchain.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check fmt bench soak clean install-run install-test

TARGET := $(or $(CARGO_TARGET_DIR),target)
# What the pages take from npm; embedded in the binary.
VENDOR := web/assets/vendor/htmx.min.js
# What the browser tests take from npm.
BROWSER := tests/browser/node_modules/.package-lock.json
# The OMG's schema of BPMN 2.0, from a Python package that has it.
SCHEMA := tests/browser/bpmn/.venv/pyvenv.cfg
# Schemathesis, which asks the API whatever its document allows.
ASKER := tests/security/.venv/pyvenv.cfg
NPM_CI := npm ci --no-audit --no-fund --loglevel=error

help: ## this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1	\2/p' $(MAKEFILE_LIST)

run: install-run $(VENDOR) ## the demonstration office and the One-Net simulator; Ctrl-C stops both
	cargo build --locked --bin tongban
	@.ci/demo $(TARGET)/debug/tongban

test: install-test $(VENDOR) $(BROWSER) $(SCHEMA) $(ASKER) ## every test, on SQLite and PostgreSQL, and in a browser
	@.ci/test

check: install-run $(VENDOR) ## formatting, lints, and the office's processes and forms
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo run --locked --quiet --bin tongban -- check

fmt: ## format the Rust sources
	cargo fmt --all

bench: install-test $(VENDOR) ## benchmarks, on SQLite and PostgreSQL (release build)
	cargo build --locked --release --bin tongban
	cargo bench --locked --quiet -p tongban-engine
	tests/benches/instructions
	tests/postgres/with cargo bench --locked -p tongban-tests --bench store --bench rights
	TONGBAN_BIN=$(abspath $(TARGET))/release/tongban tests/postgres/with node tests/benches/http.mjs

soak: install-test $(VENDOR) ## the kill -9 loop (ROUNDS), 200,000 seeds (SEEDS), every mutant, fuzzing (FUZZ_SECONDS a target)
	TONGBAN_SEEDS=0..$(or $(SEEDS),200000) cargo test --locked -p tongban-engine --test simulation whatever_fails
	tests/postgres/with tests/mutants/run
	tests/fuzz/run $(or $(FUZZ_SECONDS),600)
	cargo build --locked --release --bin tongban
	TONGBAN_BIN=$(abspath $(TARGET))/release/tongban TONGBAN_ROUNDS=$(or $(ROUNDS),500) npm --prefix tests/faults test --silent

clean: ## remove what was built and installed here; data/ stays
	cargo clean
	rm -rf web/node_modules tests/browser/node_modules tests/browser/bpmn/.venv tests/security/.venv tests/browser/screenshots $(VENDOR)

install-run:
	@.ci/install run

install-test:
	@.ci/install test

$(VENDOR): web/package.json web/package-lock.json web/build.mjs
	cd web && $(NPM_CI) && npm run --silent build
	touch $@

$(BROWSER): tests/browser/package.json tests/browser/package-lock.json
	cd tests/browser && $(NPM_CI)
	touch $@

$(SCHEMA) $(ASKER): %/.venv/pyvenv.cfg: %/requirements.txt
	python3 -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	touch $@
