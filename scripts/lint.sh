#!/usr/bin/env bash
# Checks format and house rules, names every breach, and fails if there was one; ends with the longest files and
# functions, which are for reading, not a verdict.
set -uo pipefail
cd "$(dirname "$0")/.."
shopt -s nullglob

breaches=0

check() { # what must hold, then the command that fails where it does not
    local promise=$1
    shift
    if "$@"; then
        echo "lint: ok: $promise"
    else
        echo "lint: BROKEN: $promise"
        breaches=$((breaches + 1))
    fi
}

shell_scripts_parse() {
    local script failed=0
    for script in .ci/run scripts/*.sh Fuzz/*.sh; do
        bash -n "$script" || failed=1
    done
    return $failed
}

# `swift build` alone lets a target import another that Package.swift does not give it.
imports_are_declared() {
    swift build --build-tests --explicit-target-dependency-import-check error
}

# A C module, Sources/CName, is imported by one target in Sources; tests may use it as an oracle.
c_modules_have_one_importer() {
    local folder module importers failed=0
    for folder in Sources/C[A-Z]*/; do
        module=$(basename "$folder")
        importers=$(grep -rlE --include='*.swift' "^[^/]*\bimport $module\b" Sources | cut -d/ -f2 | sort -u)
        if [[ $(wc -w <<<"$importers") -gt 1 ]]; then
            echo "$module is imported by:" $importers
            failed=1
        fi
    done
    return $failed
}

# Force unwraps, casts and tries are the formatter's to find.
no_traps_in_sources() {
    ! grep -rnE --include='*.swift' '^[^/]*\bfatalError\(' Sources
}

check "shell scripts parse" shell_scripts_parse
check "Swift is in the house format" \
    swift format lint --strict --parallel --recursive Package.swift Sources Tests Fuzz
check "every C module has one importer" c_modules_have_one_importer
check "nothing in Sources calls fatalError" no_traps_in_sources
check "every import between targets is declared" imports_are_declared

echo
scripts/longest.sh
if [[ $breaches -gt 0 ]]; then
    echo "lint: $breaches of the rules above are broken"
    exit 1
fi
