import os
import subprocess
import sys

import pytest
from django.conf import settings

COMMANDS = {
    "manage.py": ["manage.py", "check"],
    "web": ["-m", "gunicorn", "-c", "python:config.gunicorn", "-b", "127.0.0.1:0", "config.wsgi"],
    "beat": ["-m", "celery", "-A", "config", "beat"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_process_says_in_one_sentence_what_is_wrong_with_its_settings(name):
    env = {**os.environ, "DEBUG": "maybe"}
    command = [sys.executable, *COMMANDS[name]]
    answer = subprocess.run(command, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 1
    assert answer.stderr.strip() == 'The desk cannot start: DEBUG must be "true" or "false", not "maybe".'


def test_production_does_not_start_without_a_secret_key():
    env = {**os.environ, "DEBUG": "false", "SECRET_KEY": ""}
    command = [sys.executable, "manage.py", "check"]
    answer = subprocess.run(command, env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 1
    assert answer.stderr.startswith("The desk cannot start: SECRET_KEY is missing.")
