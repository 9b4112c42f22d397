#!/usr/bin/env bash
# Lists the ten longest Swift files and the ten longest functions, in lines. A function is found by its indentation,
# which the house format guarantees: it ends at the first line that is `}` exactly below its declaration.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -d '' files < <(find Sources Tests Fuzz -name '.build*' -prune -o -name '*.swift' -print0)

function_lengths() {
    awk '
        FNR == 1 { depth = 0 }
        /^ *([@a-z_][@A-Za-z_()]* +)*(func|init|deinit|subscript)[ (<?{]/ {
            match($0, /^ */)
            indent = RLENGTH
            while (depth > 0 && indents[depth] >= indent) depth--
            if ($0 ~ /{.*}$/) next
            depth++
            indents[depth] = indent
            starts[depth] = FNR
            names[depth] = $0
            sub(/^ */, "", names[depth])
            sub(/^.*func /, "", names[depth])
            if (names[depth] ~ /^`/) sub(/`\(.*/, "`", names[depth])
            else sub(/[(<{].*/, "", names[depth])
            next
        }
        /^ *}$/ {
            match($0, /^ */)
            while (depth > 0 && indents[depth] > RLENGTH) depth--
            if (depth > 0 && indents[depth] == RLENGTH) {
                printf "%6d  %s  %s:%d\n", FNR - starts[depth] + 1, names[depth], FILENAME, starts[depth]
                depth--
            }
        }
    ' "${files[@]}"
}

echo "Longest files:"
wc -l "${files[@]}" | grep -v ' total$' | sort -rn | sed 10q
echo "Longest functions:"
function_lengths | sort -rn | sed 10q
