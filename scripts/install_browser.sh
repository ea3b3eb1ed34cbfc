#!/bin/bash
# A Chromium for the tests of the report, from Debian; they skip where it cannot be had.
set -euo pipefail

for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name" >/dev/null; then
    exit 0
  fi
done

as_root=()
if [ "$(id -u)" != 0 ]; then
  as_root=(sudo -n)
fi
if ! "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=900 update ||
  ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends chromium; then
  echo "No Chromium could be installed: the tests of the report in a browser will skip." >&2
fi
