# Three commands do everything on a fresh machine:
#   make reproduce   install what is needed, run the main job, write out/
#   make figures     install what is needed, make every figure, write out/
#   make test        install what is needed, run the tests
PYTHON ?= python3
# A trace of one's own for the figures that run on one: make reproduce TRACE=FILE
TRACE ?=
VENV := .venv
BIN := $(VENV)/bin
# Marks the environment as made from the lock file as it is now.
STAMP := $(VENV)/.installed

.PHONY: reproduce figures test check check-long claims claims-long lock clean

reproduce: $(STAMP)
	$(BIN)/kvopt compile
	$(BIN)/python -m paper_figures --main --out out $(if $(TRACE),--trace $(TRACE))

figures: $(STAMP)
	$(BIN)/kvopt compile
	$(BIN)/python -m paper_figures --out out $(if $(TRACE),--trace $(TRACE))

test: $(STAMP)
	$(BIN)/kvopt compile
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not long" -q

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check-long: $(STAMP)
	$(BIN)/python -m pytest -m long -q

claims: $(STAMP)
	$(BIN)/python -m proofs_check --quick

claims-long: $(STAMP)
	$(BIN)/python -m proofs_check --resume claims.jsonl

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/kvopt compile
	touch $@

# Resolve the dependencies anew and pin what was found.
lock:
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet "setuptools>=77" -e ".[highs,dev]"
	build/lock/bin/python -m pip freeze --all --exclude-editable --exclude pip > requirements.lock

clean:
	rm -rf $(VENV) build out
