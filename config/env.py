"""Strict readers for environment variables: a wrong value stops the start, in words.

Every reader takes the mapping to read from, so that tests need no monkeypatching.
"""

import ipaddress
import urllib.parse
from collections.abc import Mapping
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = "true", "false"


def read_bool(env: Mapping[str, str], name: str, default: bool) -> bool:
    """Return the boolean variable `name`; only "true" and "false" count.

    Raises ImproperlyConfigured for anything else, so that DEBUG=0 cannot mean "on".
    """
    raw = env.get(name, "").strip()
    if not raw:
        return default
    if raw.lower() not in (TRUE, FALSE):
        raise ImproperlyConfigured(f'{name} must be "true" or "false", not "{raw}".')
    return raw.lower() == TRUE


def read_list(env: Mapping[str, str], name: str) -> list[str]:
    """Return the comma-separated variable `name` as a list without empty parts."""
    return [part.strip() for part in env.get(name, "").split(",") if part.strip()]


def read_int(env: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    """Return the whole number in `name`, between `least` and `most`; raises ImproperlyConfigured."""
    raw = env.get(name, "").strip()
    if not raw:
        return default
    if not (raw.isascii() and raw.isdigit()) or not least <= int(raw) <= most:
        raise ImproperlyConfigured(f'{name} must be a whole number from {least} to {most}, not "{raw}".')
    return int(raw)


def read_bind(env: Mapping[str, str]) -> str:
    """Return BIND, the address that the web server listens on; raises ImproperlyConfigured for what is no address.

    Without it only this machine reaches the server: whoever reaches it directly could forge what a proxy says.
    """
    raw = env.get("BIND", "").strip() or "127.0.0.1"
    try:
        return str(ipaddress.ip_address(raw.strip("[]")))
    except ValueError as error:
        raise ImproperlyConfigured(f'BIND must be an IP address, 127.0.0.1 or 0.0.0.0, not "{raw}".') from error


def socket_address(address: str, port: int) -> str:
    """The two in one, as servers and Host headers write them: 127.0.0.1:8000, [::1]:8000."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def read_secret_key(env: Mapping[str, str], *, debug: bool) -> str:
    """Return SECRET_KEY. Without it only a debug start is allowed; short keys are refused."""
    key = env.get("SECRET_KEY", "")
    if key:
        if len(key) < 50:
            raise ImproperlyConfigured("SECRET_KEY must have at least 50 characters.")
        return key
    if debug:
        return "only-for-debug-" + "0" * 40
    raise ImproperlyConfigured(
        "SECRET_KEY is missing. Set it to a long random text, for example the output of: "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )


def read_metrics_token(env: Mapping[str, str]) -> str:
    """Return METRICS_TOKEN, "" when there is none; a short one could be guessed and is refused."""
    token = env.get("METRICS_TOKEN", "").strip()
    if token and not (len(token) >= 20 and token.isascii() and token.isprintable()):
        raise ImproperlyConfigured(
            "METRICS_TOKEN must have at least 20 plain characters; leave it out for no /metrics."
        )
    return token


def read_database(env: Mapping[str, str], name: str = "DATABASE_URL") -> dict:
    """Return Django's DATABASES entry for the PostgreSQL URL in `name`.

    A password with characters that have a meaning in an address may stand by itself, as it is (PASSWORDS).
    Raises ImproperlyConfigured when the URL is missing, does not parse or names another engine.
    """
    url = env.get(name, "")
    if not url:
        raise ImproperlyConfigured(
            f"{name} is missing. Start the desk with: python3 run.py (it brings its own PostgreSQL), "
            "or set it to postgres://user:password@host:5432/database"
        )
    if url.partition("://")[0] not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"{name} must begin with postgres:// (PostgreSQL is the only database).")
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    except (ValueError, KeyError) as error:
        raise ImproperlyConfigured(f"{name} does not parse as postgres://user:password@host:5432/database.") from error
    if not config.get("NAME"):
        raise ImproperlyConfigured(f"{name} names no database: postgres://user:password@host:5432/database")
    password = env.get(PASSWORDS[name], "")
    if password:
        config["PASSWORD"] = password
    options: dict[str, Any] = PATIENCE | config.get("OPTIONS", {})
    # A socket's folder stands in the address as ?host=…; Django's dbshell looks for it where hosts are.
    for name in ("host", "port"):
        if name in options:
            config[name.upper()] = options.pop(name)
    config["OPTIONS"] = options
    return config


def connection_parameters(database: Mapping) -> dict[str, Any]:
    """Return what psycopg2.connect() takes for `database`, an entry of read_database().

    For whoever asks the database without Django: the address is read in one place only.
    """
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {key: database[name] for key, name in named.items() if database.get(name)} | dict(database["OPTIONS"])


PASSWORDS = {"DATABASE_URL": "DATABASE_PASSWORD", "DATABASE_OWNER_URL": "DATABASE_OWNER_PASSWORD"}
# How long a dead connection, somebody else's lock or a forgotten transaction may hold us up. What is set in the
# address itself wins.
PATIENCE = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
    "options": "-c lock_timeout=5s -c idle_in_transaction_session_timeout=5min",
}


def read_redis(env: Mapping[str, str]) -> tuple[str, str]:
    """Return (url for redis-py, url for Celery) from REDIS_URL.

    redis-py wants unix://, Celery's transport wants redis+socket:// for the same socket.
    """
    url = env.get("REDIS_URL", "")
    if not url:
        raise ImproperlyConfigured(
            "REDIS_URL is missing. Start the desk with: python3 run.py, or set redis://host:6379/0"
        )
    parts = split_address("REDIS_URL", url, "redis://host:6379/0")
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or unix://")
    if parts.scheme != "unix":
        return url, url
    database = urllib.parse.parse_qs(parts.query).get("db", ["0"])[0]
    if not database.isdigit():
        raise ImproperlyConfigured("REDIS_URL must end like unix:///folder/redis.sock?db=0")
    return url, f"redis+socket://{parts.path}?virtual_host={database}"


def split_address(name: str, raw: str, example: str) -> urllib.parse.SplitResult:
    """Return the parts of the address in `name`; raises ImproperlyConfigured when it does not parse."""
    try:
        parts = urllib.parse.urlsplit(raw)
        parts.port  # noqa: B018 - reading it is what refuses a wrong one
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must look like {example}") from error
    return parts


def read_base_url(env: Mapping[str, str], *, debug: bool) -> urllib.parse.SplitResult:
    """Return BASE_URL, the public address of the desk: links in messages and cookie security come from it."""
    raw = env.get("BASE_URL", "").rstrip("/")
    if not raw:
        if not debug:
            raise ImproperlyConfigured(
                "BASE_URL is missing. Set it to the desk's public address: https://desk.example.com"
            )
        raw = "http://127.0.0.1:8000"
    parts = split_address("BASE_URL", raw, "https://desk.example.com")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.path or parts.query:
        raise ImproperlyConfigured(f'BASE_URL must look like https://desk.example.com, not "{raw}".')
    return parts


def read_email(env: Mapping[str, str], *, fallback_dir: str) -> dict[str, object]:
    """Return Django's EMAIL_* settings from EMAIL_URL.

    console: prints, file:///folder keeps one file a message (the default), and
    smtp://user:password@host:587?tls=starttls|ssl|none sends. Raises ImproperlyConfigured.
    """
    url = env.get("EMAIL_URL", "")
    parts = split_address("EMAIL_URL", url, "smtp://user:password@host:587")
    if not url or parts.scheme == "file":
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": urllib.parse.unquote(parts.path) if url else fallback_dir,
        }
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    tls = urllib.parse.parse_qs(parts.query).get("tls", ["starttls"])[0]
    if parts.scheme != "smtp" or not parts.hostname or tls not in ("starttls", "ssl", "none"):
        raise ImproperlyConfigured(
            "EMAIL_URL must be console:, file:///folder or smtp://user:password@host:587?tls=starttls|ssl|none"
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or {"starttls": 587, "ssl": 465, "none": 25}[tls],
        "EMAIL_HOST_USER": urllib.parse.unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": urllib.parse.unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "ssl",
        "EMAIL_TIMEOUT": 10,
    }
