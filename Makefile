# `make run` starts mlhealth, `make test` tests it. Both need Python 3.11 to 3.13 and git, and install the rest in .venv.
.PHONY: run test install-for-tests lock
VENV := .venv
PYTHON := $(VENV)/bin/python
# A file's tests stay together: some share a server that they start.
PYTEST := $(PYTHON) -m pytest -n auto --dist loadfile
POSTGRES := $(or $(MLHEALTH_TEST_POSTGRES),postgres://postgres@127.0.0.1:5432/postgres)

run: $(PYTHON)
	$(call install,requirements.txt)
	@exec $(PYTHON) manage.py up

# Tests marked `database` run on PostgreSQL too, where one answers.
test: install-for-tests
	@if $(call answers,$(POSTGRES)); then \
		MLHEALTH_DATABASE_URL="$(POSTGRES)" $(PYTEST) -m database && $(PYTEST); \
	elif [ "$$MLHEALTH_REQUIRE_ALL" = 1 ]; then \
		echo "PostgreSQL does not answer at $(POSTGRES), but MLHEALTH_REQUIRE_ALL is set." >&2; exit 1; \
	else \
		$(PYTEST) && echo "Not tested on PostgreSQL: none answers at $(POSTGRES) (MLHEALTH_TEST_POSTGRES)."; \
	fi

install-for-tests: $(PYTHON)
	$(call install,requirements-dev.txt)

lock: $(PYTHON)
	@command -v uv >/dev/null || $(PYTHON) -m pip install --quiet uv
	@$(compile) requirements.in -o requirements.txt
	@$(compile) --constraint requirements.txt requirements-dev.in -o requirements-dev.txt

# A name may be there and not run, as pyenv's are, so each is tried.
$(PYTHON):
	@for python in python3 python3.13 python3.12 python3.11 none; do \
		$$python -c "import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))" 2>/dev/null && break; \
	done; \
	if [ $$python = none ]; then \
		echo "mlhealth needs Python 3.11, 3.12 or 3.13; none of python3, python3.13, python3.12, python3.11 is." >&2; exit 1; \
	fi; \
	if command -v uv >/dev/null; then uv venv --quiet --seed --python "$$($$python -c 'import sys; print(sys.executable)')" $(VENV); \
	else $$python -m venv $(VENV); fi \
	|| { rm -rf $(VENV); echo "The virtual environment could not be made; Debian has it in python3-venv." >&2; exit 1; }

# Install a lock file, unless it is the one that was installed last.
define install
	@hash=$$(git hash-object $(1)); \
	if [ "$$(cat $(VENV)/$(1).hash 2>/dev/null)" != "$$hash" ]; then \
		echo "Installing $(1)"; \
		if command -v uv >/dev/null; then uv pip install --quiet --python $(PYTHON) -r $(1); \
		else $(PYTHON) -m pip install --quiet --disable-pip-version-check -r $(1); fi \
		&& echo $$hash > $(VENV)/$(1).hash; \
	fi
endef

compile = PATH="$$PATH:$(VENV)/bin" uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock"

answers = $(PYTHON) -c "import psycopg; psycopg.connect('$(1)', connect_timeout=3)" 2>/dev/null
