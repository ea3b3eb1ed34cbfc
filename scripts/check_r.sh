#!/bin/bash
# Lints, builds and checks the R package; fails on a lint and on any ERROR or WARNING of
# R CMD check. Python: RETICULATE_PYTHON, by default .venv of the checkout.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD

export RETICULATE_PYTHON="${RETICULATE_PYTHON:-$root/.venv/bin/python}"
if [ ! -x "$RETICULATE_PYTHON" ]; then
  echo "There is no Python at $RETICULATE_PYTHON. Set RETICULATE_PYTHON, or make .venv." >&2
  exit 1
fi
export SCE2TM_REQUIRE_PYTHON=true _R_CHECK_FORCE_SUGGESTS_=false
# seconds after which a test that hangs is ended; testthat.R says which it was
export _R_CHECK_TESTS_ELAPSED_TIMEOUT_=1800
# numba has a number of threads of its own, and sets OpenMP's by it
export OMP_NUM_THREADS=1
# a user's own packages and settings have no say
export R_PROFILE_USER=/dev/null R_ENVIRON_USER=/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "== lintr"
Rscript scripts/lint.R

echo "== R CMD build"
# what the package is made of, and no more: R copies all of a folder, environments included
mkdir "$work/source"
cp -a .Rbuildignore DESCRIPTION LICENSE NAMESPACE NEWS.md R inst man pyproject.toml python tests \
  vignettes "$work/source"
cd "$work"
R CMD build source

echo "== R CMD check"
status=0
# the vignette has just run in R CMD build
R CMD check --no-manual --no-vignettes sce2tm_*.tar.gz || status=$?
echo "== testthat"
cat sce2tm.Rcheck/tests/testthat.Rout* 2>/dev/null | tail -n 60 || true
if grep -q "WARNING" sce2tm.Rcheck/00check.log; then
  status=1
fi
echo "== $(grep '^Status' sce2tm.Rcheck/00check.log || echo 'R CMD check did not finish')"
exit "$status"
