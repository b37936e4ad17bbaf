# make run    open the window (without a display: walk the sample project in the terminal)
# make test   every check that CI runs
# Both make .venv when it is missing or out of date.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# One torch thread pool that spins beside another process makes every step many times slower.
export OMP_WAIT_POLICY := PASSIVE
export GOMP_SPINCOUNT := 0

.PHONY: run test check unit gallery messages clean

run: $(READY)
	$(BIN)/homelab-tuner --or-sample

test: check unit

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Without a limit, xdist never ends after a crash of a worker (3.8, --dist loadfile).
unit: $(READY)
	OMP_NUM_THREADS=1 QT_QPA_PLATFORM=offscreen $(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder --max-worker-restart=0

# Pictures of every page in each state; the README's come from here.
gallery: $(READY)
	QT_QPA_PLATFORM=offscreen HOMELAB_TUNER_GALLERY=build/gallery $(BIN)/pytest -q tests/gui/test_gallery*.py

# The sentences of the code into every catalogue of resources/locale; then translate what is new.
messages: $(READY)
	$(BIN)/python packaging/messages.py

$(READY): uv.lock packaging/locked.py pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python packaging/locked.py install
	@touch $(READY)

clean:
	rm -rf build dist .venv
