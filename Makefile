# BatchIn's everyday commands; `make` alone lists them. Anything longer than a few lines is a script in scripts/.

SECONDS ?= 60
ROUNDS ?= 500
OPERATIONS ?= 1000000
PEERS ?= nginx

.DEFAULT_GOAL := help
.PHONY: help run test build lint format generate fuzz tsan torture ledger-torture audit-torture \
    bench-authentication bench-gateway bench-audit

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-20s %s\n", $$1, $$2 }' Makefile

run: build ## install what is missing, build, serve ./data on 127.0.0.1:8080; the first start makes an API key
	@scripts/run.sh

test: ## install what is missing, build (debug) and run every test
	@scripts/setup.sh test
	@scripts/test.sh

build: ## build the release binary .build/release/batchin
	@scripts/setup.sh run
	swift build -c release --static-swift-stdlib --product batchin

lint: ## check format and house rules; builds like `make test`, so it is quick after one
	@scripts/setup.sh test
	@scripts/lint.sh

format: ## rewrite the Swift sources in the house format
	swift format --in-place --parallel --recursive Package.swift Sources Tests Fuzz

generate: ## make the C in Sources/COTLP from proto/ again
	@scripts/setup.sh generate
	@scripts/generate.sh

fuzz: ## fuzz the wire walker for SECONDS (60)
	@scripts/setup.sh test
	@Fuzz/run.sh $(SECONDS)

tsan: ## run the unit tests under the thread sanitizer
	@scripts/setup.sh test
	TSAN_OPTIONS="suppressions=$(CURDIR)/scripts/tsan.supp" scripts/with-postgres.sh swift test --sanitize=thread --scratch-path .build-tsan

torture: ## kill -9 a writing server ROUNDS (500) times; nothing acknowledged may be lost
	@scripts/setup.sh test
	swift build --product batchin
	BATCHIN_BINARY="$(CURDIR)/.build/debug/batchin" .venv/bin/python Tests/IntegrationTests/torture.py $(ROUNDS)

ledger-torture: ## do OPERATIONS (1000000) with money on each database, through 20 kill -9s; the books must stay right
	@scripts/setup.sh test
	swift build --product ledger-torture
	@for engine in sqlite postgres; do \
	    BATCHIN_BINARY="$(CURDIR)/.build/debug/batchin" scripts/with-postgres.sh \
	        .venv/bin/python Tests/IntegrationTests/ledger_torture.py $(OPERATIONS) --engine $$engine || exit 1; \
	done

audit-torture: ## kill -9 a signing server ROUNDS (500) times; no receipt may be missing, no two checkpoints disagree
	@scripts/setup.sh test
	swift build --product batchin
	BATCHIN_BINARY="$(CURDIR)/.build/debug/batchin" .venv/bin/python Tests/IntegrationTests/audit_torture.py $(ROUNDS)

bench-authentication: build ## measure what checking an API key costs
	@scripts/setup.sh test
	@BATCHIN_BINARY="$(CURDIR)/.build/release/batchin" .venv/bin/python Benchmarks/authentication.py

bench-gateway: build ## measure what the gateway costs, beside PEERS (nginx; or nginx,litellm)
	@scripts/setup.sh bench
	@BATCHIN_BINARY="$(CURDIR)/.build/release/batchin" python3 Benchmarks/gateway/bench.py --gateways batchin,$(PEERS)

bench-audit: build ## measure what records and evidence cost, beside a loop that only writes and syncs
	@scripts/setup.sh bench
	@BATCHIN_BINARY="$(CURDIR)/.build/release/batchin" python3 Benchmarks/audit/bench.py
