"""No container engine is at hand where the tests run, so the files' structure and commands are compared."""

import re

import pytest
import yaml
from django.conf import settings

from config import env

ROOT = settings.BASE_DIR
OURS = ["migrate", "web", "worker", "sweeper", "beat", "guard"]
KEPT_RUNNING = ["web", "worker", "sweeper", "beat", "guard", "db", "redis"]


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dockerfile():
    return (ROOT / "Dockerfile").read_text(encoding="utf-8")


def variables_read() -> set[str]:
    """Every environment variable that the settings, the web server or the health check read."""
    found = set()
    for name in ("settings.py", "env.py", "env_sms.py", "gunicorn.py", "healthcheck.py"):
        text = (ROOT / "config" / name).read_text(encoding="utf-8")
        found |= set(re.findall(r'(?:ENV|env|environ)(?:\.get\(|\[)\s*"([A-Z_]+)"', text))
        found |= set(re.findall(r'read_\w+\(ENV, "([A-Z_]+)"', text))
        found |= set(re.findall(r'name: str = "([A-Z_]+)"', text))
    return found | set(env.PASSWORDS.values())


def test_the_services_are_those_of_the_design(compose):
    assert set(compose["services"]) == {*OURS, "db", "redis"}


@pytest.mark.parametrize("name", KEPT_RUNNING)
def test_every_lasting_service_has_a_health_check_and_comes_back(compose, name):
    service = compose["services"][name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


def test_the_health_checks_ask_about_the_right_part(compose):
    asked = {name: compose["services"][name]["healthcheck"]["test"][-1] for name in KEPT_RUNNING[:5]}
    assert asked == {"web": "web", "worker": "deliver", "sweeper": "sweep", "beat": "beat", "guard": "guard"}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_given_is_one_that_is_read(compose, name):
    assert set(compose["services"][name]["environment"]) <= variables_read()


def test_what_production_cannot_do_without_is_given(compose):
    needed = {"BASE_URL", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EMAIL_URL"}
    assert all(needed <= set(compose["services"][name]["environment"]) for name in OURS)


def test_only_the_migration_knows_the_owner_of_the_database(compose):
    with_owner = [name for name in OURS if "DATABASE_OWNER_URL" in compose["services"][name]["environment"]]
    assert with_owner == ["migrate"]
    assert "desk_app@" in compose["services"]["web"]["environment"]["DATABASE_URL"]


def test_what_the_settings_table_says_the_web_server_reads_can_be_set(compose):
    assert {"WEB_CONCURRENCY", "WEB_THREADS", "HSTS_PRELOAD"} <= set(compose["services"]["web"]["environment"])


def test_a_password_may_hold_any_character(compose):
    for name in OURS:
        for variable, value in compose["services"][name]["environment"].items():
            assert "${DATABASE" not in value or variable in env.PASSWORDS.values(), (name, variable)


def test_no_secret_is_written_in_the_file(compose):
    for name, service in compose["services"].items():
        for variable, value in service["environment"].items() if "environment" in service else ():
            if re.search("KEY|PASSWORD", variable):
                assert value.startswith("${"), (name, variable)
            password = re.search(r"://\w+:([^@]+)@", value.partition(":?")[0])
            assert password is None or password[1].startswith("${"), (name, variable)


@pytest.mark.parametrize("name", KEPT_RUNNING[:5])
def test_nothing_starts_before_the_database_is_prepared(compose, name):
    assert compose["services"][name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_guard_needs_neither_redis_nor_celery(compose):
    assert "redis" not in compose["services"]["guard"]["depends_on"]
    assert "celery" not in compose["services"]["guard"]["command"]


def test_workers_can_be_scaled(compose):
    worker = compose["services"]["worker"]
    assert "container_name" not in worker
    assert "ports" not in worker
    assert "worker@%h" in worker["command"]


def test_the_sweep_has_a_worker_of_its_own(compose):
    queues = {name: compose["services"][name]["command"][5] for name in ("worker", "sweeper")}
    assert queues == {"worker": "desk", "sweeper": "sweep"}


def test_the_image_listens_for_other_containers_and_the_host_for_itself(compose, dockerfile):
    assert "BIND=0.0.0.0" in dockerfile
    assert compose["services"]["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_data_outlives_the_containers(compose):
    assert set(compose["volumes"]) == {"database", "redis", "data"}
    assert compose["services"]["web"]["volumes"] == ["data:/data"]


def test_redis_refuses_new_work_rather_than_forgetting_old(compose):
    command = compose["services"]["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"


def test_the_image_runs_as_an_ordinary_user(dockerfile):
    assert re.search(r"^USER desk$", dockerfile, re.MULTILINE)
    assert dockerfile.index("USER desk") > dockerfile.index("collectstatic")


def test_the_image_is_built_with_commands_that_the_checks_run(dockerfile):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    run = (ROOT / "run.py").read_text(encoding="utf-8")
    assert "manage.py collectstatic --noinput --verbosity 0" in dockerfile
    assert "collectstatic --noinput --verbosity 0" in makefile
    for option in ("--require-hashes", "--only-binary=:all:"):
        assert option in dockerfile
        assert option in run
    assert 'CMD ["gunicorn", "-c", "python:config.gunicorn", "config.wsgi"]' in dockerfile


def test_the_image_holds_no_data_and_no_secrets_of_this_machine():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", ".data", ".env", "staticfiles"} <= set(ignored)


def test_every_variable_is_explained_to_operators():
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    missing = [name for name in sorted(variables_read()) if f"`{name}`" not in text]
    assert missing == []
