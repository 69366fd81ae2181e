# The two commands are `make demo` and `make test`; each does all of its own set-up first.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin

.PHONY: help demo test setup judges check soak bench bench-quality lock picture clean

help:
	@echo "make demo    make the fixture album, ingest it, serve it, print the page's address"
	@echo "make test    everything that must hold, judged by real programs"
	@echo "make check   ruff, mypy, the import contract"
	@echo "make bench   what ingest, packaging and serving cost beside their floors; writes docs/figures/"
	@echo "make bench-quality   how renditions sound, by ViSQOL; writes docs/figures/"
	@echo "make soak    the longer proofs"
	@echo "make setup   what all of these do first"

demo: setup
	@$(BIN)/python -m fixtures.album fixtures/album
	@LEGATO_DATA=$${LEGATO_DATA:-demo} $(BIN)/legato ingest --skip-known fixtures/album
	@LEGATO_DATA=$${LEGATO_DATA:-demo} $(BIN)/legato serve --host $(HOST) --port $(PORT)

test: judges
	@$(BIN)/python -m fixtures.album fixtures/album > /dev/null
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

setup:
	@$(PYTHON) tools/setup.py

judges:
	@$(PYTHON) tools/setup.py --with-judges

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench:
	@$(PYTHON) tools/setup.py --with-judges --with-peers
	@$(BIN)/python -m bench.packaging
	@$(BIN)/python -m bench.serving
	@$(BIN)/python -m bench.listeners
	@$(BIN)/python -m bench.ingest
	@$(BIN)/python -m bench.duplicates
	@$(BIN)/python -m bench.fingerprints
	@$(BIN)/python -m bench.uploads

bench-quality:
	@$(PYTHON) tools/setup.py --with-judges --with-quality
	@$(BIN)/python -m bench.quality

soak: judges
	@$(BIN)/python -m bench.soak

lock: setup
	@tools/lock.sh

picture: judges
	@$(BIN)/python tools/picture.py

clean:
	rm -rf .venv demo fixtures/album legato/web/node_modules legato/web/static/lib
