#!/bin/sh
# Writes the C of Sources/COTLP from proto/. Run through `make generate`; the result is committed.
#
# The generator's version is pinned so that the same .proto files always give the same bytes.
set -eu
cd "$(dirname "$0")/.."

required="protobuf-c 1.4.1"
command -v protoc-c >/dev/null || { echo "generate: protoc-c is missing; apt-get install protobuf-c-compiler" >&2; exit 1; }
found=$(protoc-c --version | head -n 1)
[ "$found" = "$required" ] || { echo "generate: needs $required, found $found" >&2; exit 1; }

target=Sources/COTLP
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT

files=$(cd proto && find . -name '*.proto' | sed 's|^\./||' | LC_ALL=C sort)
# shellcheck disable=SC2086  # One argument per file is meant.
(cd proto && protoc-c -I. --c_out="$output" $files)

find "$target" -name '*.pb-c.[ch]' -delete
find "$target" -mindepth 1 -type d -empty -delete
(cd "$output" && find . -name '*.pb-c.[ch]') | while read -r file; do
    case $file in
        *.h) destination=$target/include/$file ;;
        *) destination=$target/$file ;;
    esac
    mkdir -p "$(dirname "$destination")"
    cp "$output/$file" "$destination"
done

echo "generate: $(echo "$files" | wc -l) .proto files -> $target"
