#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own, which is gone when the command ends, however it ends:
#
#   scripts/with-postgres.sh swift test --filter DatabaseTests
#
# The command finds the server by BATCHIN_TEST_POSTGRES, a URL whose role may do everything. The server listens on a
# socket in a temporary folder and nowhere else, asks for a password, and does without syncing, which only a power
# failure would show. Another script may `source` this one for the functions.
set -euo pipefail

say() { printf 'with-postgres: %s\n' "$*" >&2; }

# PostgreSQL refuses to run as root, so root runs it as the user that its package made.
as_server() {
    if [[ $(id -u) == 0 ]]; then
        # The folder we are in may be closed to that user.
        (cd / && exec runuser --user postgres -- "$@")
    else
        "$@"
    fi
}

# Prints the folder of the server's programs, which Debian keeps off the PATH.
server_programs() {
    local folder
    for folder in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
        if [[ -x $folder/initdb && -x $folder/pg_ctl ]]; then
            printf '%s\n' "$folder"
            return
        fi
    done
    say "no initdb here; on Debian, run: apt-get install postgresql"
    return 1
}

make_server() { # an empty folder, the role's password
    local folder=$1 password=$2
    install --mode=600 /dev/null "$folder/password"
    printf '%s\n' "$password" >"$folder/password"
    [[ $(id -u) != 0 ]] || chown -R postgres "$folder"
    as_server "$programs/initdb" --pgdata="$folder/data" --username=batchin --pwfile="$folder/password" \
        --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 \
        || { cat "$folder/initdb.log" >&2; return 1; }
    as_server tee -a "$folder/data/postgresql.conf" >/dev/null <<CONFIGURATION
listen_addresses = ''
unix_socket_directories = '$folder'
max_connections = 300
fsync = off
full_page_writes = off
CONFIGURATION
}

start_server() { # the folder of make_server
    as_server "$programs/pg_ctl" start --pgdata="$1/data" --log="$1/server.log" --silent --wait \
        || { cat "$1/server.log" >&2; return 1; }
}

stop_server() { # the folder of make_server
    [[ ! -e $1/data/postmaster.pid ]] \
        || as_server "$programs/pg_ctl" stop --pgdata="$1/data" --mode=immediate --silent --wait
}

main() {
    [[ $# -gt 0 ]] || { echo "usage: $0 COMMAND…" >&2; exit 2; }
    programs=$(server_programs)
    folder=$(mktemp --directory --tmpdir batchin-postgres-XXXXXX)
    trap 'stop_server "$folder" || true; rm -rf "$folder"' EXIT
    local password
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    make_server "$folder" "$password"
    start_server "$folder"

    local status=0
    BATCHIN_TEST_POSTGRES="postgres://batchin:$password@/postgres?host=$folder" "$@" || status=$?
    exit "$status"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    main "$@"
fi
