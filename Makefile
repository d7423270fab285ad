# Two commands set everything up: `make demo` and `make test`. `make check` checks the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := playbooks/bank-sales

PYTEST := $(BIN)/python -m pytest
PARALLEL := -n auto --dist worksteal
ELSEWHERE := packaging or postgres or spark or browser or odoo

.PHONY: help demo tools test test-all thorough spark browser odoo check lint wheel release bench clean

help:
	@echo "make demo      install into $(VENV) and audit a sample history"
	@echo "make test      install and run the tests that need nothing but Python"
	@echo "make test-all  those, more generated playbooks, PostgreSQL, Spark and Chromium"
	@echo "make odoo      the addon for Odoo 19, in a real one that is installed into .odoo/"
	@echo "make check     lint, types, import contracts, and the wheel in a clean environment"
	@echo "make release   wheel, sdist, checksums and the list of parts, into dist/"
	@echo "make bench     measure (see docs/performance.md)"

$(VENV)/.user: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing playgate into $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.developer: pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing playgate and its development tools into $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@ $(VENV)/.user

$(VENV)/.engines: $(VENV)/.developer
	@echo "Installing drivers of other engines into $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[dev,engines]"
	@touch $@

demo: $(VENV)/.user
	@$(BIN)/playgate audit $(SAMPLE)/bank-sales.yaml $(SAMPLE)/history.csv \
		--people $(SAMPLE)/people.csv --as-of 2026-10-09 --fail-on never
	@echo
	@echo "Where to go next:"
	@echo "  . $(BIN)/activate                          use playgate in this shell"
	@echo "  playgate init our-sales --from bank-sales     start your own playbook"
	@echo "  playgate show $(SAMPLE)/bank-sales.yaml"
	@echo "                                                the one that judged"
	@echo "  playgate audit --help                         formats, filters, exit statuses"
	@echo "  docs/                                         the language, judging, the live gate"

$(VENV)/.browser: $(VENV)/.developer
	@echo "Installing what drives a browser into $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[dev,browser]"
	@touch $@

tools: $(VENV)/.engines $(VENV)/.browser
	$(BIN)/python tests/bulk/servers.py
	$(BIN)/python tests/html/browser.py

test: $(VENV)/.developer
	$(PYTEST) $(PARALLEL) -m "not (thorough or $(ELSEWHERE))"

test-all: test thorough spark browser

thorough: tools
	$(PYTEST) $(PARALLEL) -m "postgres or thorough" --servers

# On its own: it is several processes already.
spark: tools
	$(PYTEST) tests/bulk -m spark --servers

browser: tools
	$(PYTEST) tests/html -m browser --browser-needed

# Odoo comes from the registries that this computer uses; with ODOO_PICTURES the screenshots are taken anew.
odoo: tools
	$(BIN)/python tests/odoo/odoo_install.py
	$(PYTEST) tests/odoo -m odoo --servers --browser-needed

check: lint wheel

lint: $(VENV)/.developer
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/bandit -q -c pyproject.toml -r engine
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/windows
	$(BIN)/lint-imports

wheel: $(VENV)/.developer
	$(PYTEST) tests/packaging -m packaging

# Wheel, sdist, their checksums and a list of all parts, into dist/: the same bytes from the same commit.
release: $(VENV)/.developer
	$(BIN)/python .ci/release.py dist

bench: $(VENV)/.developer
	$(BIN)/python tests/bench/run.py --write

clean:
	rm -rf $(VENV) .odoo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
