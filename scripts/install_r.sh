#!/bin/bash
# R and the packages that the R side is built and tested with, from Debian or Ubuntu.
# Does nothing where all are there; without the right to install, says what to type and fails.
set -euo pipefail

packages=(
  r-base-core r-base-dev python3-dev r-cran-matrix
  r-cran-cli r-cran-jsonlite r-cran-processx r-cran-reticulate r-cran-rlang
  r-cran-testthat r-cran-withr r-cran-lintr
  r-cran-seurat r-cran-seuratobject r-bioc-singlecellexperiment
  r-bioc-summarizedexperiment r-bioc-delayedarray r-bioc-hdf5array r-bioc-s4vectors r-cran-ggplot2
  r-cran-knitr r-cran-rmarkdown pandoc
)

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$state" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

install=(apt-get install -y --no-install-recommends "${missing[@]}")
if ! command -v apt-get >/dev/null; then
  echo "This system has no apt. Install R (4.1 or later) and what DESCRIPTION lists." >&2
  exit 1
elif [ "$(id -u)" = 0 ]; then
  as_root=()
elif sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  echo "R packages are missing. Type:" >&2
  echo "  sudo apt-get update && sudo ${install[*]}" >&2
  exit 1
fi
"${as_root[@]}" apt-get -o DPkg::Lock::Timeout=900 update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}"
