# make demo   train on the embedded example; results in demo/
# make test   every check and test of both languages, and the pages of make docs
# make docs   the pages of the Python package, tutorial included, in docs/_build/html
# make lint   style and types of the Python sources
# make clean  remove what these commands made (not demo/)

VENV  := .venv
PY    := $(VENV)/bin/python
# the versions that the tests use; torch is named as well, so that pip never takes another
PIN   := -c constraints.txt $(shell grep '^torch==' constraints.txt)
PIP   := $(PY) -m pip install --disable-pip-version-check

.PHONY: demo test docs lint clean

demo: $(VENV)/.user
	$(VENV)/bin/sce2tm demo demo --force

# two processes of one thread each: faster than the reverse on small data
test: export OMP_NUM_THREADS = 1
test: export SCE2TM_REQUIRE_R = true
test: lint docs $(VENV)/.r $(VENV)/.browser
	$(PY) -m pytest -n 2
	$(PY) -m pytest --doctest-modules python/sce2tm
	RETICULATE_PYTHON=$(CURDIR)/$(PY) bash scripts/check_r.sh

# -W: a warning is an error; all of them are shown first
docs: $(VENV)/.docs
	$(PY) -m sphinx -q -W -b html docs docs/_build/html

lint: $(VENV)/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

clean:
	rm -rf $(VENV) docs/_build docs/api/generated *.Rcheck .mypy_cache .ruff_cache .pytest_cache

# Each stamp is made once and again only when its sources change. The package is installed in
# place, so a change of its code needs no new installation.
$(VENV)/.made:
	bash scripts/make_venv.sh $(VENV)
	@touch $@

$(VENV)/.user: pyproject.toml constraints.txt | $(VENV)/.made
	$(PIP) $(PIN) -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/.made
	$(PIP) $(PIN) -e '.[test,dev]'
	@touch $@ $(VENV)/.user

$(VENV)/.docs: pyproject.toml constraints.txt | $(VENV)/.made
	$(PIP) $(PIN) -e '.[docs]'
	@touch $@ $(VENV)/.user

# rpy2 is compiled against R
$(VENV)/.r: DESCRIPTION scripts/install_r.sh pyproject.toml constraints.txt | $(VENV)/.dev
	bash scripts/install_r.sh
	$(PIP) $(PIN) -e '.[r]'
	@touch $@

$(VENV)/.browser: scripts/install_browser.sh | $(VENV)/.made
	bash scripts/install_browser.sh
	@touch $@
