# Two commands are all a user needs: `make run` and `make test`.

PYTHON ?= $(shell for p in python3.11 python3; do "$$p" -c pass 2>/dev/null && { echo "$$p"; break; }; done)
VENV := .venv/bin/python

export PYTHONUTF8 := 1

.PHONY: help setup setup-dev run test check format messages lock theme shots bench bench-large chaos

help:
	@echo "make run       start Medlemsboka on this machine, with an invented register to look at"
	@echo "make test      run the tests: both databases, the broker and the browser where they are found"
	@echo "make check     lint, types, layers, templates, migrations, translations"
	@echo "make format    format the Python files"
	@echo "make messages  collect the texts to translate and compile the catalogues; APPS=\"dues base\" for some"
	@echo "make shots     take a picture of every page"
	@echo "make bench     measure; bench-large also with 500,000 members"
	@echo "make chaos     send thousands of messages while everything is killed; CHAOS_EMAILS=1000 CHAOS_SMS=200 for fewer"
	@echo "make lock      write the locks of the dependencies anew (needs uv)"
	@echo "make theme     make static/theme.css anew from designsystemet.config.json"

setup:
	@test -n "$(PYTHON)" || { echo "Medlemsboka needs Python 3.11, and there is no python3 here."; exit 1; }
	@$(PYTHON) -m scripts.setup

setup-dev:
	@test -n "$(PYTHON)" || { echo "Medlemsboka needs Python 3.11, and there is no python3 here."; exit 1; }
	@$(PYTHON) -m scripts.setup --dev

run: setup
	@exec $(VENV) -m scripts.run --with-parent

test: setup-dev
	@exec $(VENV) -m scripts.test $(ARGS)

check: setup-dev
	@exec $(VENV) -m scripts.check

format: setup-dev
	@$(VENV) -m ruff check --fix-only --quiet .
	@$(VENV) -m ruff format --quiet .

messages: setup-dev
	@$(VENV) -m scripts.messages $(APPS)

lock:
	@$(VENV) -m scripts.lock $(ARGS)

theme: setup
	@$(VENV) -m scripts.theme

shots: setup-dev
	@exec $(VENV) -m scripts.shots $(ARGS)

bench: setup-dev
	@exec $(VENV) -m benchmarks

bench-large: setup-dev
	@exec $(VENV) -m benchmarks --large

chaos: setup-dev
	@exec $(VENV) -m chaos
