#!/usr/bin/env bash
# Builds once, in debug, and runs every test: first the Swift ones, then the integration tests against the same build.
# Both use a PostgreSQL server of their own. The first part that fails ends the run; the last line is that part's own
# summary.
set -euo pipefail
cd "$(dirname "$0")/.."

swift build --build-tests
scripts/with-postgres.sh swift test --skip-build --parallel

export BATCHIN_BINARY="$PWD/.build/debug/batchin"
exec scripts/with-postgres.sh .venv/bin/python -m pytest -ra --strict-markers Tests/IntegrationTests
