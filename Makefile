# What one does here: make run, test, check, proof, bench, doctor. See README.md.
.DEFAULT_GOAL := help
.PHONY: help run test moment check proof bench learn doctor format migration lock

# The first python3 that is new enough; the message below when there is none.
PYTHON = $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
RUN := .venv/bin/python
# Where tests keep their files: in memory when there is room, since each makes a database of hundreds of small files.
ROOM = $(shell df --output=avail -m /dev/shm 2>/dev/null | awk 'NR > 1 && $$1 > 4000 { print "TMPDIR=/dev/shm" }' \
	| { ! grep -q ' /dev/shm .*noexec' /proc/mounts && cat; })
INSTALL := -m pip -qq --disable-pip-version-check install --require-hashes -r

help:
	@echo "make run     set up and start everything (no token needed)"
	@echo "make test    make check, then every test but the long ones"
	@echo "make moment AT='2027-03-28 02:30'  the tests as they will run then"
	@echo "make check   fast: lint, types, imports, catalogues"
	@echo "make proof   the long fault tests, with progress"
	@echo "make bench   the benchmarks"
	@echo "make learn   learn what sentences mean, from locales/*/sentences"
	@echo "make doctor  say what is missing or wrong on this machine"
	@echo "make format  put the code in the house's form"
	@echo "make migration NAME='what is new'  write what the tables have and the newest migration does not"
	@echo "make lock    remake the lock files from pyproject.toml"

# Each stamp is older than its lock file when the lock changed: then, and only then, something is installed.
.venv/made: requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is missing: apt-get install python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	@echo "Setting up .venv (once)"
	@$(PYTHON) -m venv .venv
	@$(RUN) $(INSTALL) requirements.lock
	@touch $@

.venv/made-dev: requirements-dev.lock .venv/made
	@echo "Setting up the tools of the tests (once)"
	@$(RUN) $(INSTALL) requirements-dev.lock
	@touch $@

run: .venv/made
	@exec $(RUN) -m bot run

doctor: .venv/made
	@$(RUN) -m bot doctor

check: .venv/made-dev
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --check --quiet . || { echo "The form differs: make format"; exit 1; }
	@.venv/bin/mypy --no-error-summary
	@.venv/bin/lint-imports --no-logo
	@$(RUN) -m locales.check

test: check
	@$(ROOM) $(RUN) -m pytest -n 3 --dist worksteal -q

moment: .venv/made-dev
	@$(ROOM) tests/at_moment.sh "$(AT)" -n 3 --dist worksteal

proof: .venv/made-dev
	@$(RUN) -m pytest -m proof -v -s

bench: .venv/made-dev
	@$(RUN) -m bench

learn: .venv/made-dev
	@$(RUN) -m conversations.meaning.learning

format: .venv/made-dev
	@.venv/bin/ruff check --quiet --fix-only .
	@.venv/bin/ruff format --quiet .

migration: .venv/made
	@$(RUN) -m storage.migrations "$(NAME)"

LOCK := .venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

lock: .venv/made-dev
	@$(LOCK) -o requirements.lock pyproject.toml
	@$(LOCK) --extra dev -o requirements-dev.lock pyproject.toml
	@sed -i '1i # Made by `make lock`; do not edit.' requirements.lock requirements-dev.lock
