# Targets: demo run web types pictures test fuzz faults check rolling-restart bench bench-quality fmt. Each sets up
# what it needs; `make` alone lists them.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ARGS   ?=

# What Vite writes last; Node is asked only when something of the page is newer.
PAGE        := web/dist/index.html
PAGE_PARTS  := $(shell find web/src -type f) $(wildcard web/*.ts web/*.js web/.prettier* web/*.json web/index.html)
WEB_CHECKED := web/node_modules/.checked

.PHONY: help demo run web types pictures test fuzz faults lint check rolling-restart bench bench-match bench-quality fmt clean
help:
	@echo "make demo    set up and show the main job: server, stores, demo account, resumes arriving"
	@echo "make run     the server with its own stores (ARGS='--port 9000' adds flags)"
	@echo "make web     build the page at / (make demo and make run do it where they can)"
	@echo "make types   the page's types anew from the API's description"
	@echo "make pictures   the pictures of the README anew, from the demo"
	@echo "make test    set up and run every check and test"
	@echo "make fuzz    the long fuzz: 100,000 requests and the state machine for half an hour"
	@echo "make faults  the long faults: killed at every write, 200 times at random moments"
	@echo "make check   format, lint, types, known vulnerabilities of the packages"
	@echo "make rolling-restart   the servers under supervisor, one after the other, no request failed"
	@echo "make bench   measure: sockets, REST, ingest, a soak, each beside its limit; ten minutes"
	@echo "make bench-quality  measure: matching against graded judgements, over the API, beside baselines"
	@echo "make bench-match  measure: resumes a second against 1,000 to 100,000 feeds, beside search engines"
	@echo "make fmt     format the code"
	@echo "make clean   remove the virtual environment, the built page and the demo's data"

# One stamp a requirements file: set-up runs again only when what is needed changes.
$(VENV)/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "TalentFeed needs Python 3.11 or newer; set PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "Python lacks venv: on Debian, apt-get install python3-venv"; exit 1; }
	@echo "installing what the server needs (once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "installing what the tests need (once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(PAGE): $(PAGE_PARTS) | $(VENV)/.runtime
	@$(BIN)/python web/npm.py build

web: $(PAGE)

types: $(VENV)/.runtime
	@$(BIN)/python web/npm.py types

pictures: $(VENV)/.dev $(PAGE)
	@sh tests/browser/need_chromium.sh
	@sh web/need_fonts.sh
	@$(BIN)/python web/pictures.py

# Without the page the server starts all the same, and says what is missing.
demo: $(VENV)/.runtime
	@$(MAKE) --silent $(PAGE) 2>&1 | grep -v '^make' || true
	@$(BIN)/python server.py --demo --data_dir .data/demo $(ARGS)

run: $(VENV)/.runtime
	@$(MAKE) --silent $(PAGE) 2>&1 | grep -v '^make' || true
	@$(BIN)/python server.py $(ARGS)

$(WEB_CHECKED): $(PAGE_PARTS) $(shell find web/miniprogram-example -name '*.js') | $(VENV)/.runtime
	@$(BIN)/python web/npm.py check && touch $@

lint: $(VENV)/.dev $(WEB_CHECKED)
	@$(BIN)/ruff format --check -q . && $(BIN)/ruff check -q . && $(BIN)/mypy

check: lint
	@$(BIN)/python .ci/audit.py

# A vulnerability that became known last night is told here and fails `make check`; it breaks no test.
test: lint $(PAGE)
	@$(BIN)/python .ci/audit.py || true
	@sh tests/browser/need_chromium.sh
	@$(BIN)/python web/npm.py test
	@sh tests/faults/need_nginx.sh
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

fuzz: $(VENV)/.dev
	@TALENTFEED_FUZZ=long $(BIN)/python -m pytest tests/fuzz -s $(ARGS)

faults: $(VENV)/.dev
	@sh tests/faults/need_nginx.sh
	@TALENTFEED_FAULTS=long $(BIN)/python -m pytest tests/faults -s $(ARGS)

rolling-restart: $(VENV)/.runtime
	@$(BIN)/python -m ops.rolling_restart

bench: $(VENV)/.dev
	@$(BIN)/python -m bench $(ARGS)

bench-quality: $(VENV)/.dev
	@$(BIN)/python -m bench.quality --verbose --api --baselines $(ARGS)

bench-match: $(VENV)/.dev
	@$(BIN)/python -m bench.match $(ARGS)

fmt: $(VENV)/.dev
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .
	@$(BIN)/python web/npm.py fmt

clean:
	rm -rf $(VENV) .data/demo web/dist web/node_modules
