# Developers' targets. Running and testing need no make: python3 run.py and python3 run.py test.

PYTHON ?= python3
VENV = .venv/bin
STATIC := $(shell mktemp -u -t desk-static.XXXXXX)
# Production's settings; no server is asked, so the addresses lead nowhere.
PRODUCTION = DEBUG=false DATA_DIR=$(STATIC)/data STATIC_ROOT=$(STATIC)/static \
	SECRET_KEY=checks-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH \
	BASE_URL=https://desk.example.com BEHIND_PROXY=true EMAIL_URL=smtp://mail.example.com:587 \
	DATABASE_URL=postgres://desk_app:secret@127.0.0.1:1/desk REDIS_URL=redis://127.0.0.1:1/0
MANAGE = env $(PRODUCTION) $(VENV)/python -W ignore::RuntimeWarning manage.py

.PHONY: run test check install format messages memory screenshots prove-working-time chaos burst bench-promises bench-pages

run:  ## start everything
	$(PYTHON) run.py

test:  ## run the suite; make test ARGS="tests/accounts -k calendar"
	$(PYTHON) run.py test $(ARGS)

install:  ## install what the other targets need
	@$(PYTHON) run.py install

check: install  ## everything that must hold before a commit, beside the tests
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check --deploy --fail-level WARNING
	$(MANAGE) collectstatic --noinput --verbosity 0
	$(MANAGE) check_translations
	$(MANAGE) check_source
	@rm -rf $(STATIC)
	@echo "make check: all is well"

format: install  ## put the source into form
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

messages: install  ## extract the texts for translation and compile the catalogue
	$(MANAGE) update_translations

memory: install  ## the memory of the running desk as one JSON line (Linux)
	@$(VENV)/python -m config.embedded.memory

prove-working-time: install  ## working time against a minute-by-minute oracle; SEED=7
	@$(VENV)/python -m tests.accounts.prove_working_time --cases 100000 --seed $${SEED:-1}

chaos: install  ## break everything while promises fall due: N=20000 SEED=1 DURATION=180 (docs/reliability.md)
	@$(VENV)/python -m tests.chaos.run

burst: install  ## 100,000 promises due in one minute, nothing broken: N=100000
	@N=$${N:-100000} SPREAD=$${SPREAD:-60} FAULTS=none UNTIL=handled MAILS=$${MAILS:-100} DURATION=480 \
		$(VENV)/python -m tests.chaos.run

bench-promises: install  ## one sweep with 1,000 and with 1,000,000 open promises
	@$(VENV)/python -m tests.bench.promises

screenshots:  ## a picture of every page, in both languages and themes, into docs/screenshots/
	REQUIRE_BROWSER=1 $(PYTHON) run.py test tests/e2e/gallery.py -n 0

bench-pages: install  ## how long pages take at N complaints, as one JSON line; make bench-pages N=1000000 FOLDER=/big/disk keeps the data
	@$(VENV)/python -m tests.bench.pages $(or $(N),100000) $(FOLDER)
