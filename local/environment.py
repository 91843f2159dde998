"""What the desk's processes get as environment when it runs on one machine."""

import os
import secrets
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from local import CannotStart

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PORT = 8000


def data_folder(env: Mapping[str, str]) -> Path:
    """Return DATA_DIR, else .data in the checkout."""
    return Path(env.get("DATA_DIR") or ROOT / ".data").expanduser().resolve()


def port_number(env: Mapping[str, str]) -> int:
    """Return PORT, else 8000; raises CannotStart when it is no port number."""
    raw = env.get("PORT", "").strip() or str(DEFAULT_PORT)
    if not (raw.isascii() and raw.isdigit() and 1 <= int(raw) <= 65535):
        raise CannotStart(f'PORT must be a number from 1 to 65535, not "{raw}".')
    return int(raw)


def wants_demo(env: Mapping[str, str]) -> bool:
    """Return whether an empty desk gets the demo organisation: unless DEMO is "false"; raises CannotStart."""
    raw = env.get("DEMO", "").strip() or "true"
    if raw.lower() not in ("true", "false"):
        raise CannotStart(f'DEMO must be "true" or "false", not "{raw}".')
    return raw.lower() == "true"


def listen(port: int) -> socket.socket:
    """Return a socket that listens on 127.0.0.1:`port`; raises CannotStart when the port is taken.

    It is opened before anything else starts and handed to the web server: nobody can take the port
    meanwhile, and the first visitor waits instead of being refused.
    """
    with socket.socket() as probe:
        # macOS lets us bind although another program listens on all addresses.
        busy = probe.connect_ex(("127.0.0.1", port)) == 0
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        if busy:
            raise OSError
        listener.bind(("127.0.0.1", port))
        listener.listen(512)
    except PermissionError as error:
        listener.close()
        raise CannotStart(
            f"Port {port} needs administrator rights: choose another, PORT=8001 python3 run.py"
        ) from error
    except OSError as error:
        listener.close()
        another = 8001 if port == DEFAULT_PORT else DEFAULT_PORT
        raise CannotStart(
            f"Port {port} is used by another program: choose another, PORT={another} python3 run.py"
        ) from error
    return listener


def secret_key(data: Path) -> str:
    """Return the secret key of this data folder, made at the first start and readable by its owner only."""
    file = data / "secret_key"
    if not file.exists() or not file.read_text(encoding="ascii").strip():
        aside = data / "secret_key.new"
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_urlsafe(50), encoding="ascii")
        aside.replace(file)
    return file.read_text(encoding="ascii").strip()


def desk_environment(env: Mapping[str, str], data: Path, port: int) -> dict[str, str]:
    """Return what a local start adds to `env` beside the servers' addresses; what is set by hand stays."""
    hosts = [env.get("ALLOWED_HOSTS", ""), "localhost", "127.0.0.1"]
    return {
        "DATA_DIR": str(data),
        "STATIC_ROOT": env.get("STATIC_ROOT") or str(data / "staticfiles"),
        "SECRET_KEY": env.get("SECRET_KEY") or secret_key(data),
        "BASE_URL": env.get("BASE_URL") or f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": ",".join(filter(None, hosts)),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
    }


def manage_command(*arguments: str) -> list[str]:
    """Return the command line of a management command."""
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def full_environment(overlay: Mapping[str, str], *, owner: bool) -> dict[str, str]:
    """Return our environment with `overlay`; without `owner`, the database owner's address and password are left out.

    Web, worker, sweeper, beat and guard never get it: they cannot lift the history's protection.
    """
    merged = {**os.environ, **overlay}
    if not owner:
        for name in ("DATABASE_OWNER_URL", "DATABASE_OWNER_PASSWORD"):
            merged.pop(name, None)
    return merged
