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

.PHONY: run dev quick test test-at test-moments fuzz check install format messages memory rooms screenshots prove-working-time chaos walk burst bench-promises bench-pages bench-compare posters

run:  ## start everything
	$(PYTHON) run.py

dev:  ## start everything on the same data; changes of the source are served at once
	$(PYTHON) run.py dev

quick: install  ## the test files that a change touches, on a kept server; make quick BASE=HEAD~3
	@$(VENV)/python -m tests.touched $(BASE)

test:  ## run the suite; make test ARGS="tests/accounts -k calendar"
	$(PYTHON) run.py test $(ARGS)

test-at: install  ## the suite with all clocks moved; make test-at MOMENT="2026-12-26 05:00 +0800" ARGS="-m clock"
	@test -n "$(MOMENT)" || { echo 'Say when: make test-at MOMENT="2026-12-26 05:00 +0800"'; exit 2; }
	@command -v faketime >/dev/null || { echo "make test-at needs faketime: apt-get install faketime"; exit 2; }
	faketime "$(MOMENT)" $(PYTHON) run.py test $(ARGS)

# A Saturday and a Monday in Shanghai, the last minutes of a year there, a leap day, and Berlin's night with two 02:30.
test-moments: install  ## the tests that know a clock, at five moments of which each was a trap once
	$(VENV)/python -m tests.moments "2026-12-26 05:00 +0800" "2026-12-28 10:00 +0800" "2026-12-31 23:50 +0800" \
		"2028-02-29 10:00 +0800" "2027-10-31 02:30 +0200"

fuzz:  ## every form, by everybody, with what no browser sends; make fuzz SEED=2 N=200 draws as many for each form
	FUZZ_SEED=$(or $(SEED),1) FUZZ_N=$(or $(N),50) $(PYTHON) run.py test tests/fuzz $(ARGS)

install:  ## install what the other targets need
	@$(PYTHON) run.py install

check: install  ## everything that must hold before a commit, beside the tests
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/djangofmt --check templates
	$(VENV)/djangofmt check templates
	$(VENV)/oxfmt --check static/css static/js
	$(VENV)/oxlint --quiet static/js
	$(VENV)/python -m tests.dead_code
	$(VENV)/lint-imports
	@echo mypy; env $(PRODUCTION) $(VENV)/mypy
	@echo "manage.py makemigrations --check"; $(MANAGE) makemigrations --check --dry-run
	@echo "manage.py check --deploy"; $(MANAGE) check --deploy --fail-level WARNING
	@echo "manage.py collectstatic --noinput"; $(MANAGE) collectstatic --noinput --verbosity 0
	@echo "manage.py check_translations"; $(MANAGE) check_translations
	@echo "manage.py check_source"; $(MANAGE) check_source
	@rm -rf $(STATIC)
	@echo "make check: all is well"

format: install  ## put the source into form
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .
	$(VENV)/djangofmt check --fix templates
	$(VENV)/djangofmt templates
	$(VENV)/oxlint --fix static/js
	$(VENV)/oxfmt static/css static/js

messages: install  ## extract the texts for translation and compile the catalogue
	$(MANAGE) update_translations

memory: install  ## the memory of the running desk as one JSON line (Linux)
	@$(VENV)/python -m local.memory

rooms: install  ## the rooms of complaints and followups, the arrows between them, and circles
	@$(VENV)/python -m tests.rooms

prove-working-time: install  ## working time against a minute-by-minute oracle; SEED=7
	@$(VENV)/python -m tests.accounts.worktime.prove_working_time --cases 100000 --seed $${SEED:-1}

chaos: install  ## break everything while promises fall due: N=20000 SEED=1 DURATION=180 (docs/reliability.md)
	@$(VENV)/python -m tests.chaos.run

walk: install  ## random walks over every verb: no case without a duty, N steps of a SEED, one JSON line
	@WALK_STEPS=$(or $(N),20000) WALK_SEED=$(or $(SEED),1) $(PYTHON) run.py test \
		tests/followups/test_no_stage_without_a_duty.py -s -n 0 $(ARGS)

burst: install  ## 100,000 promises due in one minute, nothing broken: N=100000
	@N=$${N:-100000} SPREAD=$${SPREAD:-60} FAULTS=none UNTIL=handled MAILS=$${MAILS:-100} DURATION=480 \
		$(VENV)/python -m tests.chaos.run

bench-promises: install  ## one sweep with 1,000 and with 1,000,000 open promises
	@$(VENV)/python -m tests.bench.promises

posters: install  ## the posters of N sites as one job: seconds, file, memory, as one JSON line
	@$(VENV)/python -m tests.bench.posters $(or $(N),1000)

screenshots:  ## every page in every look into gallery/, see its index.html; PAGES="queue case", LOOKS="en-phone-dark"; README=1 for docs/
	PAGES="$(PAGES)" LOOKS="$(LOOKS)" README="$(README)" REQUIRE_BROWSER=1 $(PYTHON) run.py test tests/e2e/gallery.py -n 0

bench-pages: install  ## pages at N complaints as multiples of a minimal view; make bench-pages N=1000000 OPEN=100000 FOLDER=/big/disk keeps the data
	@$(VENV)/python -m tests.bench.pages $(or $(N),100000) $(or $(OPEN),0) $(FOLDER)

bench-compare: install  ## this desk and django-helpdesk by turns, N open cases in both, as one JSON line (docs/performance.md)
	@$(VENV)/python -m tests.bench.compare $(or $(N),100000) $(FOLDER)
