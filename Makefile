# The two commands: `make run` serves the casebook, `make test` runs every test.

PYTHON ?= python3
VENV := .venv
PIP = $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes

# An environment holds a copy of the lock it was made from: the content decides, not the date.
define installed
	@cmp -s $(1) $(VENV)/$(1) || { echo "環境を整えています（$(1)）…"; $(PIP) -r $(1) && cp $(1) $(VENV)/; }
endef

.PHONY: run editor test accessibility faults bench lock wheelhouse

run: $(VENV)/bin/python
	$(call installed,requirements.txt)
	@$(VENV)/bin/python manage.py serve

editor: $(VENV)/bin/python  # the first administrator; there is no default account
	$(call installed,requirements.txt)
	@$(VENV)/bin/python manage.py createsuperuser

test: $(VENV)/bin/python
	$(call installed,requirements-test.txt)
	@cmp -s tests/browser/package-lock.json tests/browser/node_modules/package-lock.json || { \
		npm ci --silent --ignore-scripts --prefix tests/browser && \
		cp tests/browser/package-lock.json tests/browser/node_modules/; } || \
		echo "npm が使えないため、ブラウザーは \$$CHROMIUM か、この機械のものを探します。"
	@$(VENV)/bin/ruff check --quiet . && $(VENV)/bin/ruff format --check --quiet .
	@$(VENV)/bin/python -m pytest --quiet --numprocesses auto --dist loadgroup $(TESTS)

accessibility: $(VENV)/bin/python  # tries every public page and writes what /accessibility/results/ shows
	$(call installed,requirements-test.txt)
	@$(VENV)/bin/python -m tests.browser.accessibility_results

faults: $(VENV)/bin/python  # kills, cuts and fills for about 20 minutes; Linux, as root
	$(call installed,requirements-test.txt)
	@$(VENV)/bin/python -m pytest -v -p no:cacheprovider $(filter-out %conftest.py,$(wildcard tests/faults/*.py))

bench: $(VENV)/bin/python  # about 30 minutes and 5 GB in the temporary folder; SIZES="15 1788" is short
	$(call installed,requirements-test.txt)
	@$(VENV)/bin/python -m tests.bench.run

lock:  # after changing pyproject.toml; needs uv, names no package host
	uv pip compile --universal --generate-hashes --no-annotate --no-header --quiet pyproject.toml -o requirements.txt
	uv pip compile --universal --generate-hashes --no-annotate --no-header --quiet --extra test pyproject.toml -o requirements-test.txt
	uv pip compile --universal --generate-hashes --no-annotate --no-header --quiet --extra postgresql --extra s3 pyproject.toml -o requirements-server.txt

# Every wheel of the servers' lock, to carry to a machine without a network; for this Python and processor,
# or for others: make wheelhouse FOR_PYTHON=3.12 FOR_ARCH=aarch64
FOR = $(if $(FOR_PYTHON)$(FOR_ARCH),$(if $(FOR_PYTHON),--python-version $(FOR_PYTHON)) $(foreach of,_2_28 _2_17 2014,--platform manylinux$(of)_$(or $(FOR_ARCH),$(shell uname -m))))
wheelhouse: $(VENV)/bin/python
	@$(VENV)/bin/python -m pip download --quiet --disable-pip-version-check --require-hashes --only-binary :all: $(FOR) \
		--dest wheelhouse -r requirements-server.txt
	@echo "wheelhouse/ に `ls wheelhouse | wc -l` 個のパッケージを用意しました。"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 以上が要ります（PYTHON=… で指定できます）。")'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "venv を作れません。DebianやUbuntuでは: apt install python3-venv"; exit 1; }
