#!/bin/bash
# Makes a virtual environment with the first Python >= 3.11 that is found: make_venv.sh FOLDER
# Installs Python through apt where it may; else says what to type and fails.
set -euo pipefail
venv=$1
packages=(python3 python3-venv)

find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    # Debian and Ubuntu keep ensurepip in a package of its own; venv fails half-way without it
    if "$name" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' \
      2>/dev/null; then
      echo "$name"
      return
    fi
  done
}

python=$(find_python)
if [ -z "$python" ] && command -v apt-get >/dev/null; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  if [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then
    "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=900 update
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y --no-install-recommends "${packages[@]}"
    python=$(find_python)
  fi
fi
if [ -z "$python" ]; then
  cat >&2 <<EOF
No Python 3.11 or later with venv was found. Type:
  sudo apt-get update && sudo apt-get install ${packages[*]}
(on Ubuntu 22.04: python3.11 python3.11-venv; without apt: install Python from python.org)
and repeat the command.
EOF
  exit 1
fi
# --clear: an earlier try may have been interrupted
"$python" -m venv --clear "$venv"
