# Two commands set everything up: `make demo` and `make test`. `make check` checks the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := playbooks/bank-sales

.PHONY: help demo test test-all check wheel bench clean

help:
	@echo "make demo      install into $(VENV) and audit a sample history"
	@echo "make test      install and run the tests that need nothing but Python"
	@echo "make test-all  those, and the ones that start PostgreSQL, Spark and Chromium"
	@echo "make check     lint, types, import contracts, and the wheel in a clean environment"
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
		--people $(SAMPLE)/people.csv --fail-on never
	@echo
	@echo "Where to go next:"
	@echo "  . $(BIN)/activate                          use playgate in this shell"
	@echo "  playgate init our-sales --from bank-sales     start your own playbook"
	@echo "  playgate show $(SAMPLE)/bank-sales.yaml"
	@echo "                                                the one that judged"
	@echo "  playgate audit --help                         formats, filters, exit statuses"
	@echo "  docs/                                         the language, judging, the live gate"

test: $(VENV)/.developer
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not packaging and not postgres and not spark and not thorough and not browser"

$(VENV)/.browser: $(VENV)/.developer
	@echo "Installing what drives a browser into $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e ".[dev,browser]"
	@touch $@

# Spark on its own: it is several processes already.
test-all: test $(VENV)/.engines $(VENV)/.browser
	$(BIN)/python tests/bulk/servers.py
	$(BIN)/python -m pytest -n auto --dist worksteal tests/bulk -m "postgres or thorough" --servers
	$(BIN)/python -m pytest tests/bulk -m spark --servers
	$(BIN)/python tests/html/browser.py
	$(BIN)/python -m pytest tests/html -m browser --browser-needed

check: $(VENV)/.developer
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) wheel

wheel: $(VENV)/.developer
	$(BIN)/python -m pytest tests/packaging -m packaging

bench: $(VENV)/.developer
	$(BIN)/python tests/bench/run.py --write

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
