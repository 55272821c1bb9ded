# Everything a person or a machine does with this repository. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
CARGO ?= cargo
# Extra arguments of `make run`, for example ARGS=--simulate.
ARGS ?=

.PHONY: help run check test test-deps fmt lint catalog-lint rust-test js-test e2e release bench bench-scale bench-sim bench-refresh deny clean

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## Build and serve (ARGS=--simulate to try it without any account)
	$(CARGO) run --release --locked -- serve $(ARGS)

check: fmt lint catalog-lint ## The fast subset of `make test`: formatting, lints, unit tests, page scripts
	$(CARGO) test --workspace --locked --lib --bins
	$(MAKE) js-test

test: test-deps fmt lint catalog-lint rust-test js-test e2e deny ## Everything: also both databases, the SDKs and the browser
	@echo "make test: all green"

test-deps: ## Install what the tests need: Debian packages when root, npm packages in tests/
	scripts/install-test-deps

fmt: ## Formatting
	$(CARGO) fmt --all -- --check

lint: ## Clippy, warnings are errors
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

catalog-lint: ## Definitions and guides: what is wrong and how to mend it
	$(CARGO) run --quiet --locked -- catalog lint catalog

rust-test: ## Unit and integration tests, on SQLite and PostgreSQL
	$(CARGO) test --workspace --locked
	DOVETAIL_TEST_DATABASE=postgres $(CARGO) test --locked -p dovetail-server --test it

js-test: ## Unit tests of the pages' scripts
	node --test crates/server/assets/connect/test/ crates/server/assets/dashboard/test/

release: ## The release binary
	$(CARGO) build --release --locked

e2e: release ## The published SDKs and Chromium against the release binary
	cd tests && node --test --test-concurrency=1 e2e/*.test.mjs

bench-sim: ## A million histories of refreshing: replicas, crashes, lost answers, clocks that jump
	DOVETAIL_SIM_HISTORIES=1000000 CARGO_PROFILE_RELEASE_LTO=off $(CARGO) test --release --locked -p dovetail-connect --test it simulation -- --nocapture

bench-refresh: release ## 10 000 due connections on one server against a service that takes 200 ms (BENCH_CONNECTIONS=...)
	node bench/refresh.mjs

bench-scale: release ## A million connections in one database: import, memory, start, reads and lists
	node bench/scale.mjs

bench: release ## Cold start, memory, reads, proxy beside the bare upstream and nginx
	bench/run

deny: ## Licences, bans and (where the database is reachable) advisories
	scripts/deny

clean: ## Remove what was built
	$(CARGO) clean
	rm -rf tests/node_modules tests/.artifacts
