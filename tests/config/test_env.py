import psycopg2.extensions
import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env as read


@pytest.mark.parametrize(("raw", "expected"), [("true", True), ("False", False), (" true ", True), ("", True)])
def test_a_boolean_is_true_or_false_or_its_default(raw, expected):
    assert read.read_bool({"DEBUG": raw}, "DEBUG", default=True) is expected


@pytest.mark.parametrize("raw", ["0", "1", "yes", "on", "ture"])
def test_any_other_boolean_is_refused_with_what_was_written(raw):
    with pytest.raises(ImproperlyConfigured, match=f'DEBUG must be "true" or "false", not "{raw}"'):
        read.read_bool({"DEBUG": raw}, "DEBUG", default=False)


@pytest.mark.parametrize(
    ("raw", "address", "socket"),
    [
        ("", "127.0.0.1", "127.0.0.1:8000"),
        (" 0.0.0.0 ", "0.0.0.0", "0.0.0.0:8000"),
        ("::", "::", "[::]:8000"),
        ("[::1]", "::1", "[::1]:8000"),
    ],
)
def test_the_web_server_listens_for_this_machine_only_unless_told(raw, address, socket):
    assert read.read_bind({"BIND": raw}) == address
    assert read.socket_address(address, 8000) == socket


@pytest.mark.parametrize("raw", ["localhost", "0.0.0.0:8000", "everybody", "1.2.3"])
def test_an_address_that_is_none_is_refused_in_words(raw):
    with pytest.raises(ImproperlyConfigured, match="BIND must be an IP address"):
        read.read_bind({"BIND": raw})


def test_a_list_drops_spaces_and_empty_parts():
    assert read.read_list({"ALLOWED_HOSTS": " a.example, ,b.example,"}, "ALLOWED_HOSTS") == ["a.example", "b.example"]
    assert read.read_list({}, "ALLOWED_HOSTS") == []


def test_a_whole_number_within_its_bounds_is_read():
    assert read.read_int({"N": "12"}, "N", 3, least=1, most=20) == 12
    assert read.read_int({}, "N", 3, least=1, most=20) == 3


@pytest.mark.parametrize("raw", ["0", "21", "-1", "1_0", "٣", "1.5", "many"])
def test_a_number_out_of_bounds_or_not_a_number_is_refused(raw):
    with pytest.raises(ImproperlyConfigured, match="a whole number from 1 to 20"):
        read.read_int({"N": raw}, "N", 3, least=1, most=20)


def test_production_needs_a_secret_key():
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY is missing"):
        read.read_secret_key({}, debug=False)


def test_a_short_secret_key_is_refused_even_in_debug():
    with pytest.raises(ImproperlyConfigured, match="at least 50 characters"):
        read.read_secret_key({"SECRET_KEY": "x" * 49}, debug=True)


def test_debug_brings_a_key_of_its_own():
    assert len(read.read_secret_key({}, debug=True)) >= 50


def test_a_database_address_gives_every_part_decoded():
    config = read.read_database({"DATABASE_URL": "postgres://desk:p%40ss@db.example:5433/desk"})
    parts = {name: config[name] for name in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")}
    assert parts == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "desk",
        "USER": "desk",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": 5433,
    }
    assert config["OPTIONS"]["connect_timeout"] == 5
    assert config["CONN_HEALTH_CHECKS"] is True


def test_a_socket_folder_with_spaces_and_chinese_survives():
    url = "postgres://desk_app@/desk?host=%2Ftmp%2F%E7%A9%BA%20%E6%A0%BC"
    assert read.read_database({"DATABASE_URL": url})["HOST"] == "/tmp/空 格"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "DATABASE_URL is missing"),
        ("sqlite:///desk.db", "must begin with postgres://"),
        ("mysql://u@h/desk", "must begin with postgres://"),
        ("postgres://u@h:port/desk", "does not parse"),
        ("postgres://u@h:99999/desk", "does not parse"),
        ("postgres://[bad/desk", "does not parse"),
        ("postgres://u@h", "names no database"),
    ],
)
def test_a_database_address_that_cannot_work_is_refused_in_words(url, reason):
    with pytest.raises(ImproperlyConfigured, match=reason):
        read.read_database({"DATABASE_URL": url})


def test_redis_over_the_network_has_one_address_for_both_libraries():
    assert read.read_redis({"REDIS_URL": "redis://r:6379/1"}) == ("redis://r:6379/1", "redis://r:6379/1")


def test_redis_on_a_socket_has_another_address_for_celery():
    ours, celerys = read.read_redis({"REDIS_URL": "unix:///tmp/a%20b/r.sock?db=3"})
    assert ours == "unix:///tmp/a%20b/r.sock?db=3"
    assert celerys == "redis+socket:///tmp/a%20b/r.sock?virtual_host=3"


@pytest.mark.parametrize("url", ["", "http://r:1", "redis://r:port/0", "unix:///r.sock?db=x"])
def test_a_redis_address_that_cannot_work_is_refused_in_words(url):
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        read.read_redis({"REDIS_URL": url})


def test_the_public_address_loses_its_last_slash():
    assert read.read_base_url({"BASE_URL": "https://desk.example.com/"}, debug=False).geturl() == (
        "https://desk.example.com"
    )


def test_only_debug_may_leave_the_public_address_out():
    assert read.read_base_url({}, debug=True).hostname == "127.0.0.1"
    with pytest.raises(ImproperlyConfigured, match="BASE_URL is missing"):
        read.read_base_url({}, debug=False)


@pytest.mark.parametrize(
    "url",
    ["desk.example.com", "ftp://x", "https://", "https://x/path", "https://x?a=1", "https://u:p@x", "https://x:y"],
)
def test_a_public_address_with_anything_else_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="BASE_URL must look like"):
        read.read_base_url({"BASE_URL": url}, debug=False)


def test_without_a_mail_server_messages_become_files():
    found = read.read_email({}, fallback_dir="/var/desk/mail")
    assert found["EMAIL_BACKEND"].endswith("filebased.EmailBackend")
    assert found["EMAIL_FILE_PATH"] == "/var/desk/mail"


def test_a_mail_server_gives_every_part_decoded():
    found = read.read_email({"EMAIL_URL": "smtp://me%40x:p%2Fw@mail.example?tls=ssl"}, fallback_dir="/x")
    assert found["EMAIL_HOST"] == "mail.example"
    assert found["EMAIL_PORT"] == 465
    assert found["EMAIL_HOST_USER"] == "me@x"
    assert found["EMAIL_HOST_PASSWORD"] == "p/w"
    assert found["EMAIL_USE_SSL"] is True
    assert found["EMAIL_USE_TLS"] is False
    assert found["EMAIL_TIMEOUT"] == 10


def test_the_console_may_take_the_messages():
    assert read.read_email({"EMAIL_URL": "console:"}, fallback_dir="/x")["EMAIL_BACKEND"].endswith(
        "console.EmailBackend"
    )


@pytest.mark.parametrize("url", ["mail.example", "smtp://", "smtp://h?tls=maybe", "http://h", "smtp://u:secret@h:x"])
def test_a_mail_address_that_cannot_work_is_refused_without_its_password(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must") as problem:
        read.read_email({"EMAIL_URL": url}, fallback_dir="/x")
    assert "secret" not in str(problem.value)


AWKWARD = "p@ss:w/o#r?d%41 'x'"


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_OWNER_URL"])
def test_a_password_by_itself_is_taken_as_it_is(name):
    env = {name: "postgres://desk@db:5432/desk", name.replace("_URL", "_PASSWORD"): AWKWARD}
    assert read.read_database(env, name)["PASSWORD"] == AWKWARD


@pytest.mark.parametrize(
    ("written", "password"), [("p%40ss%25", "p@ss%"), ("p@ss", "p@ss"), ("100%", "100%"), ("plain", "plain")]
)
def test_whoever_asks_the_database_reads_its_address_alike(written, password):
    database = read.read_database({"DATABASE_URL": f"postgres://desk:{written}@db:6543/desk"})
    found = read.connection_parameters(database)
    assert (found["user"], found["password"], found["host"], found["port"]) == ("desk", password, "db", 6543)
    assert (database["PASSWORD"], found["dbname"]) == (password, "desk")
    # The driver takes them as they are.
    assert psycopg2.extensions.parse_dsn(psycopg2.extensions.make_dsn(**found))["password"] == password
