#!/usr/bin/env bash
# Installs what one purpose needs and this machine lacks, and says so; with nothing missing it changes nothing.
#
#   scripts/setup.sh run        build and serve
#   scripts/setup.sh test       also test: adds PostgreSQL, Go, Python, and Tests/IntegrationTests/requirements.txt in .venv
#   scripts/setup.sh bench      compare the gateway with others: adds nginx and Python
#   scripts/setup.sh generate   regenerate Sources/COTLP
#
# Packages come from apt on Debian 12; the Swift toolchain is yours to install.
set -euo pipefail
cd "$(dirname "$0")/.."

# What the compiler and SwiftPM themselves need, then what Package.swift links.
toolchain=(ca-certificates g++ git libcurl4 libncurses6 libsqlite3-0 libxml2 make)
libraries=(libisal-dev libpq-dev libsimdjson-dev libsodium-dev libsqlite3-dev libzstd-dev zlib1g-dev)
packages=("${toolchain[@]}" "${libraries[@]}")

purpose=${1:-run}
case $purpose in
    run) ;;
    test) packages+=(golang-go golang-golang-x-mod-dev libprotobuf-c-dev openssl postgresql python3 python3-venv) ;;
    bench) packages+=(nginx python3 python3-venv) ;;
    generate) packages+=(protobuf-c-compiler) ;;
    *)
        echo "usage: $0 [run|test|bench|generate]" >&2
        exit 2
        ;;
esac

say() { printf 'setup: %s\n' "$*" >&2; }

fail() {
    say "$@"
    exit 1
}

is_installed() { dpkg-query --show --showformat='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

install_packages() {
    local missing=() package
    for package in "${packages[@]}"; do
        is_installed "$package" || missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0

    local as_root=()
    if [[ $(id -u) != 0 ]]; then
        command -v sudo >/dev/null \
            || fail "not root and no sudo here; as root, run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
        apt-get -qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0)

    say "installing with apt: ${missing[*]}"
    "${apt[@]}" update
    "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null
}

# The oldest toolchain that will do is the one that Package.swift names.
swift_required=$(sed -nE '1s,^// swift-tools-version: *([0-9.]+).*,\1,p' Package.swift)
swift_advice="install Swift $swift_required or later: https://www.swift.org/install/linux/"

check_swift_version() {
    local found
    found=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9.]+).*/\1/p') && [[ -n $found ]] \
        || fail "\`swift --version\` does not work here; run it to see why"
    printf '%s\n' "$swift_required" "$found" | sort --version-sort --check=silent \
        || fail "Swift $found is too old; $swift_advice"
}

# Makes .venv anew whenever the requirements differ from the copy kept inside it, which is written last.
install_python_packages() {
    local requirements=Tests/IntegrationTests/requirements.txt
    if .venv/bin/python -c '' 2>/dev/null && cmp --silent "$requirements" .venv/requirements.txt; then
        return
    fi
    say "installing the packages of $requirements in .venv"
    # Debian's own Python is the one that python3-venv belongs to, whatever else the PATH offers.
    /usr/bin/python3 -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" .venv/requirements.txt
}

command -v apt-get >/dev/null \
    || fail "no apt-get here; install the equivalents of these yourself: ${packages[*]}"
command -v swift >/dev/null || fail "no swift on the PATH; $swift_advice"
install_packages
check_swift_version # Only now: the toolchain does not start without the libraries it is linked to.
if [[ $purpose == test ]]; then
    install_python_packages
fi
