"""The commands of docs/operations.md, and a stand-in for `docker` that runs them on the test's own servers."""

import os
import re
import stat
import sys
from pathlib import Path

import yaml
from django.conf import settings

OPERATIONS = settings.BASE_DIR / "docs" / "operations.md"
# What a container has and a test has not: the database's name and role in `db`, the folder /data, the image's python.
DOCKER = """#!/bin/sh
# docker compose up …; docker compose exec -T db COMMAND…; docker compose run OPTIONS SERVICE COMMAND…
shift
case "$1" in
up) exit 0 ;;
exec) shift 3; exec "$@" ;;
run) shift; while [ "${{1#-}}" != "$1" ]; do shift; done; service="$1"; shift ;;
*) echo "no stand-in for docker compose $1" >&2; exit 64 ;;
esac
[ $# -gt 0 ] || set -- {migrate}
[ "$service" = migrate ] || unset DATABASE_OWNER_URL
if [ "$1" = tar ]; then set -- tar -C "$DATA_DIR" "$4" "$5" $6; fi
exec "$@"
"""


def section(title: str) -> str:
    """Return the text under the second-level heading `title`."""
    text = OPERATIONS.read_text(encoding="utf-8")
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def blocks(title: str) -> list[str]:
    """Return the commands in each fenced block of a section, one text a block."""
    return re.findall(r"^```\n(.*?)^```$", section(title), re.MULTILINE | re.DOTALL)


def processes() -> dict[str, str]:
    """Return the command of each process of the table under "Without Docker"."""
    return dict(re.findall(r"^\| (\w+) \| `(.+)` \|$", section("Without Docker"), re.MULTILINE))


def stand_ins(folder: Path, programs: Path) -> str:
    """Write `docker`, `python` and the like into `folder`; return a PATH that finds them and PostgreSQL's programs."""
    compose = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8"))
    migrate = " ".join(compose["services"]["migrate"]["command"])
    venv = Path(sys.executable).parent
    texts = {
        "docker": DOCKER.format(migrate=migrate),
        "python": f'#!/bin/sh\ncd "{settings.BASE_DIR}" && exec "{sys.executable}" -P "$@"\n',
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(stat.S_IRWXU)
    return os.pathsep.join(map(str, [folder, programs, venv, "/usr/bin", "/bin"]))
