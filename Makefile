# The two commands are `make run` and `make test`; `make help` lists the rest.
# Needs Python 3.11 or later, make and git; everything else goes into .venv and var/.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
LANGUAGES := $(notdir $(wildcard locale/*))
RUNTIME := .venv/.runtime-installed
DEVELOPMENT := .venv/.development-installed
JUDGES := .venv/quality/.installed

# Where nothing else is asked for, the site runs on this machine alone. The secret key is made
# once; what is already in the environment wins over the file.
LOCAL_ENVIRONMENT = set -a && . ./var/local.env && set +a && export SITE_URL=$${SITE_URL:-http://localhost:$(PORT)}

.PHONY: help run test lighthouse install judges lint check requirements messages clean

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make run           start the site on port 8000 (or PORT=8080), with demonstration content
run: $(RUNTIME) var/local.env var/static/staticfiles.json
	@$(LOCAL_ENVIRONMENT) && $(BIN)/python manage.py prepare_local_site --port $(PORT) \
	  && exec $(BIN)/granian --interface wsgi --host $${BIND:-127.0.0.1} --port $(PORT) --no-ws \
	     --workers 1 --blocking-threads 4 --log-level warning --respawn-failed-workers site_project.wsgi:application

## make test          run every test; what needs a missing PostgreSQL, Redis or browser says so and skips
test: $(DEVELOPMENT)
	@$(BIN)/python -m pytest $(PYTEST_OPTIONS)

## make lighthouse    ask Lighthouse for its opinion of the pages readers see (needs node, npm and Chromium)
lighthouse: $(RUNTIME) $(JUDGES) var/local.env var/static/staticfiles.json
	@$(BIN)/python -m tests.quality.lighthouse

## make install       prepare .venv with everything that running and testing need
install: $(RUNTIME) $(DEVELOPMENT)

## make judges        prepare what judges the pages: Lighthouse and the Nu HTML checker (needs npm)
judges: $(JUDGES)

## make lint          style, types and Django's own checks
lint: $(DEVELOPMENT)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	SECRET_KEY=lint $(BIN)/python manage.py makemigrations --check --dry-run

## make requirements  compile requirements*.in to pinned requirements*.txt with hashes
requirements: .venv/bin/python
	$(BIN)/pip install --quiet uv==0.13.9
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --no-emit-find-links --annotation-style line requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --no-emit-find-links --annotation-style line requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --no-emit-find-links --annotation-style line requirements-bench.in -o requirements-bench.txt

# A date in the header would make every catalogue differ each time.
## make messages      bring the catalogues in locale/ up to date with the texts, and compile them; needs gettext
messages: $(RUNTIME)
	SECRET_KEY=messages $(BIN)/python manage.py makemessages $(LANGUAGES:%=-l %) --ignore .venv --ignore var \
	  --ignore benchmarks --ignore "*/tests/*" --no-wrap --no-obsolete --add-location file
	sed -i.before -e '/^"POT-Creation-Date: /d' -e '/^"Report-Msgid-Bugs-To: /d' locale/*/LC_MESSAGES/django.po
	rm locale/*/LC_MESSAGES/django.po.before
	SECRET_KEY=messages $(BIN)/python manage.py compilemessages --ignore .venv

## make clean         remove .venv; var/ holds your database and stays
clean:
	rm -rf .venv

# Static files under hashed names, compressed; made again when one of them or a package changes.
var/static/staticfiles.json: $(wildcard static/*/*) $(wildcard static/*.*) $(RUNTIME) | var/local.env
	@$(LOCAL_ENVIRONMENT) && $(BIN)/python manage.py collectstatic --noinput --clear --verbosity 0

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Afterword needs Python 3.11 or later; say which with: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { echo "This Python cannot make virtual environments; on Debian: apt install python3-venv"; exit 1; }

$(RUNTIME): requirements.txt | .venv/bin/python
	@echo "Installing what the site needs into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	@echo "Installing what the tests need into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# None of their install scripts is run: they would download what is here already.
$(JUDGES): tests/quality/package.json tests/quality/package-lock.json | .venv/bin/python
	@command -v npm >/dev/null || { echo "This needs node and npm; on Debian: apt install nodejs npm"; exit 1; }
	@echo "Installing what judges the pages into .venv/quality …"
	@mkdir -p $(@D) && cp tests/quality/package.json tests/quality/package-lock.json $(@D)
	@cd $(@D) && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

var/local.env: | .venv/bin/python
	@mkdir -p var
	@umask 077 && $(BIN)/python -c 'import secrets; print("SECRET_KEY=$${SECRET_KEY:-" + secrets.token_urlsafe(50) + "}")' > $@
