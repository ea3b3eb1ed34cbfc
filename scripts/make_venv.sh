#!/bin/sh
# Make a virtual environment with the first Python >= 3.11 that is found: make_venv.sh FOLDER
set -eu
venv=$1

usable() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null
}

python=
for name in python3 python3.13 python3.12 python3.11; do
    if usable "$name"; then
        python=$name
        break
    fi
done

# Debian and Ubuntu keep venv in a package of its own; without it venv fails half-way
if [ -z "$python" ] || ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    packages="python3 python3-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing $packages" >&2
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages
        python=python3
    fi
fi

if [ -z "$python" ] || ! usable "$python" || ! "$python" -c 'import ensurepip, venv' 2>/dev/null
then
    cat >&2 <<'EOF'
Python 3.11 or later with venv is needed and was not found.
  Debian 12, Ubuntu 24.04 or later:  sudo apt-get install python3 python3-venv
  Ubuntu 22.04:                      sudo apt-get install python3.11 python3.11-venv
  elsewhere:                         install Python from python.org
Then run the same command again.
EOF
    exit 1
fi

"$python" -m venv "$venv"
