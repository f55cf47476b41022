# Every target sets up what it needs. A comment behind `##` describes a target for `make help`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ARGS   ?=
PIP    := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes

# Vite writes index.html last, that of the operators after the recruiters'. It is built again when a file of the page is newer, so Node is not started for nothing.
PAGE        := web/dist/admin/index.html
PAGE_PARTS  := $(shell find web/src web/admin -type f) $(wildcard web/*.ts web/*.js web/.prettier* web/*.json web/index.html)
WEB_CHECKED := web/node_modules/.checked

.PHONY: help demo run web types pictures unit test test-ready long ready fuzz faults lint check fmt lock rolling-restart bench \
        bench-quality bench-match bench-intake clean

# The first target is the one that a plain `make` runs.
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "ARGS='…' adds flags, for example: make run ARGS='--port 9000', make unit ARGS='-k salary'"

# A stamp file for each lock file: set-up runs again only when the lock file changes.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "TalentFeed needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "Python lacks venv: on Debian, apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.runtime: requirements.txt | $(VENV)/.python
	@echo "installing what the server needs (once) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "installing what the tests need (once) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

# The loops of matching, which a server has compiled beside its work. Tests wait for them instead.
$(VENV)/.compiled: $(shell find engine/matching -name '*.py') requirements.txt | $(VENV)/.runtime
	@$(BIN)/python -m process.compiling
	@touch $@

$(PAGE): $(PAGE_PARTS) | $(VENV)/.python
	@$(BIN)/python web/npm.py build

# The server starts without the page and says what is missing.
ready: ## set up what `make demo` and `make run` need: packages, the page
	@$(MAKE) --silent --no-print-directory -k -j 2 $(VENV)/.runtime $(PAGE) || $(MAKE) --question $(VENV)/.runtime

demo: ready ## show the main job: server, stores, a demo account, resumes arriving
	@$(BIN)/python server.py --demo --data_dir .data/demo $(ARGS)

run: ready ## run the server with its own stores
	@$(BIN)/python server.py $(ARGS)

web: $(PAGE) ## build the page at /

types: $(VENV)/.runtime ## generate the page's types from the API's description
	@$(BIN)/python web/npm.py types

pictures: $(VENV)/.dev $(PAGE) ## take the pictures of the README again, from the demo
	@sh tests/browser/need_chromium.sh
	@sh web/need_fonts.sh
	@$(BIN)/python web/pictures.py

# Neither lint nor a browser nor the page: for the minute between two edits.
unit: $(VENV)/.dev ## run the unit tests, in less than a minute
	@$(BIN)/python -m pytest tests/unit -q -n 2 $(ARGS)

# Three workers on two cores, as tests mostly wait.
PYTEST := $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder
test-ready: $(VENV)/.dev $(PAGE) $(VENV)/.compiled ## set up what the tests need
	@sh tests/browser/need_chromium.sh
	@sh tests/faults/need_packages.sh
	@sh tests/integration/mailbox/need_dovecot.sh

# A vulnerability that became known last night is reported here, but only `make check` fails on it.
# Each run has another order (tests/order.py): `ARGS='--seed 7'` has that of 7, `ARGS='--again'` what failed last.
# Beside the checks, which take one core, the loops of matching are compiled on another: all workers of pytest
# need them, and none could start a server before. What is marked `long` or `faults` is run by those targets.
test: ## run every check, and every test of a few seconds
	@$(MAKE) --silent --no-print-directory -j 2 $(VENV)/.dev $(PAGE)
	@$(MAKE) --no-print-directory -j 2 lint $(VENV)/.compiled
	@$(BIN)/python .ci/audit.py || true
	@$(MAKE) --silent --no-print-directory test-ready
	@$(BIN)/python web/npm.py test
	@$(PYTEST) $(ARGS)

long: ## run the longer tests, as a week on the page or a start after a kill; CI runs them too
	@$(MAKE) --silent --no-print-directory test-ready
	@$(PYTEST) -m long $(ARGS)

fuzz: $(VENV)/.dev ## run the long fuzz: 100,000 requests and files, half an hour of the state machine, all patterns, all properties
	@TALENTFEED_FUZZ=long $(BIN)/python -m pytest tests/fuzz tests/unit/patterns -m "" -s -o faulthandler_timeout=14400 \
		--hypothesis-seed=$$(date +%s) $(ARGS)
	@TALENTFEED_FUZZ=long $(BIN)/python -m pytest tests/unit -m hypothesis --hypothesis-seed=$$(date +%s) $(ARGS)

FAULT_TESTS := $(shell grep -lrE --include=test_*.py 'mark\.faults|import.*IS_LONG' tests)
faults: test-ready ## run the faults, long: killed at every write, 200 times at random; then broken on purpose
	@TALENTFEED_FAULTS=long $(BIN)/python -m pytest $(FAULT_TESTS) -m "" -s -o faulthandler_timeout=14400 $(ARGS)
	@$(BIN)/python -m tests.mutants

$(WEB_CHECKED): $(PAGE_PARTS) $(shell find web/miniprogram-example -name '*.js') | $(VENV)/.runtime
	@$(BIN)/python web/npm.py check && touch $@

lint: $(VENV)/.dev $(WEB_CHECKED) ## check format, lint and types of Python and of the page
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && $(BIN)/mypy

check: lint ## lint, and look for known vulnerabilities of the packages
	@$(BIN)/python .ci/audit.py

fmt: $(VENV)/.dev ## format the code
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .
	@$(BIN)/python web/npm.py fmt

# For Python 3.11 and newer on every platform. Releases that still fit stay as they are: to take newer ones of what
# the pinned packages need, remove the two lock files first.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --annotation-style line \
        --no-emit-index-url --custom-compile-command "make lock"
lock: $(VENV)/.dev ## write requirements*.txt from requirements*.in, with hashes
	@$(LOCK) requirements.in -o requirements.txt
	@$(LOCK) requirements-dev.in -c requirements.txt -o requirements-dev.txt
	@$(LOCK) requirements-ocr.in -c requirements.txt -o requirements-ocr.txt
	@$(LOCK) requirements-otel.in -c requirements.txt -o requirements-otel.txt

rolling-restart: $(VENV)/.runtime ## restart the servers under supervisor one by one, without a failed request
	@$(BIN)/python -m ops.rolling_restart

bench: $(VENV)/.dev ## measure what has a limit, beside it; 15 minutes, or 3 with ARGS=--quick
	@$(BIN)/python -m bench $(ARGS)

bench-quality: $(VENV)/.dev ## measure matching against graded judgements, in one process and over the API
	@$(BIN)/python -m bench.quality --verbose --api --learned $(ARGS)

bench-match: $(VENV)/.dev ## measure resumes against feeds and feeds against resumes, up to 100,000
	@$(BIN)/python -m bench.match $(ARGS)

bench-intake: $(VENV)/.dev ## measure the reading of made-up resumes in real files: what is read, and how fast
	@sh tests/browser/need_chromium.sh
	@sh tests/made_up_files/need_fonts.sh
	@$(BIN)/python -m tests.made_up_files $(ARGS)

clean: ## remove the virtual environment, the built page and the demo's data
	rm -rf $(VENV) .data/demo web/dist web/node_modules
