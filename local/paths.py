"""Where the embedded servers keep data and sockets, and as which user PostgreSQL runs.

Who can reach the database: it listens on a unix socket only, in a folder with mode 0700, and asks for
no password there. That folder belongs to whoever started the desk; they and root can connect. Started
as root, PostgreSQL (which refuses root) runs as the existing user `postgres`, else `nobody`, and the
folder belongs to that user: its other processes could connect, but could read the data files as well.
"""

import contextlib
import errno
import hashlib
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from local import CannotStart
from local.processes import run_as

# sun_path holds 108 bytes on Linux and 104 on macOS, with a closing zero.
SOCKET_LIMIT = 100
PRIVATE_FOLDERS = ("redis", "logs", "mail", "evidence", "staticfiles")
NEEDED_BYTES = 200_000_000


@dataclass(frozen=True)
class Place:
    """The folders of one desk; `user` is whom PostgreSQL runs as when we are root, else None."""

    data: Path
    postgres_bin: Path
    cluster: Path
    sockets: Path
    user: pwd.struct_passwd | None

    def give(self, folder: Path) -> None:
        """Make `folder` private to the user that PostgreSQL runs as."""
        folder.mkdir(exist_ok=True, mode=0o700)
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        folder.chmod(0o700)


def prepare_data_folder(data: Path) -> None:
    """Make the data folder and its private parts; raises CannotStart when that cannot work.

    Root's data folder may be entered (not listed) by others, because PostgreSQL then runs as another
    user; everything in it is private by itself.
    """
    try:
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for name in PRIVATE_FOLDERS:
            (data / name).mkdir(exist_ok=True)
            (data / name).chmod(0o700)
    except PermissionError as error:
        raise CannotStart(
            f"{error.filename} cannot be written: it belongs to another user. Start the desk as that user, "
            "or choose another folder: DATA_DIR=/some/folder python3 run.py"
        ) from error
    except (FileExistsError, NotADirectoryError) as error:
        raise CannotStart(
            f"{error.filename} cannot be a folder, because a file stands in the way: remove that file, or "
            "choose another folder: DATA_DIR=/some/folder python3 run.py"
        ) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise CannotStart(
            f"The data folder {data} cannot be used ({error.strerror}): choose another one, "
            "DATA_DIR=/some/folder python3 run.py"
        ) from error
    if not (data / "postgres" / "PG_VERSION").exists() and shutil.disk_usage(data).free < NEEDED_BYTES:
        raise CannotStart(
            f"The disk of {data} has less than {NEEDED_BYTES // 1_000_000} MB free: free some space, or "
            "choose a folder on another disk: DATA_DIR=/some/folder python3 run.py"
        )


def short_socket_folder(wanted: Path, name: str, user: pwd.struct_passwd | None) -> Path:
    """Return `wanted`, or a private folder in /tmp when the path of the socket `name` in it is too long.

    A double quote in the path cannot be written in PostgreSQL's setting: it leads to /tmp as well.
    Raises CannotStart when the folder in /tmp was made by somebody else.
    """
    if len(os.fsencode(wanted / name)) <= SOCKET_LIMIT and '"' not in str(wanted):
        return wanted
    mark = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]
    for base in (Path(tempfile.gettempdir()), Path("/tmp")):
        short = base / f"complaint-desk-{os.geteuid()}-{mark}"
        if len(os.fsencode(short / name)) <= SOCKET_LIMIT:
            break
    short.mkdir(exist_ok=True, mode=0o700)
    found = short.lstat()
    if short.is_symlink() or found.st_uid not in (os.geteuid(), user.pw_uid if user else os.geteuid()):
        raise CannotStart(f"{short} belongs to somebody else: remove it, or set TMPDIR to a private folder.")
    if user:
        os.chown(short, user.pw_uid, user.pw_gid)
    short.chmod(0o700)
    return short


def postgres_user(cluster: Path) -> pwd.struct_passwd | None:
    """Return whom PostgreSQL runs as: None is ourselves; for root the data's owner, `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return None
    if (cluster / "PG_VERSION").exists() and cluster.stat().st_uid != 0:
        return pwd.getpwuid(cluster.stat().st_uid)
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotStart(
        "PostgreSQL does not run as root, and there is no user postgres or nobody: start as another user."
    )


def succeeds_as(command: list[str | Path], user: pwd.struct_passwd) -> bool:
    """Say whether `user` can start `command` and it succeeds."""
    try:
        return run_as(command, user).returncode == 0
    except PermissionError:
        return False


def remove_short_socket_folder(folder: Path, wanted: Path) -> None:
    """Remove the socket folder in /tmp again, where there is one and it is empty."""
    if folder != wanted:
        with contextlib.suppress(OSError):
            folder.rmdir()


def find_place(data: Path, postgres_bin: Path) -> Place:
    """Decide the place of the desk with the folder `data` and the programs in `postgres_bin`.

    When root's checkout lies where PostgreSQL's user cannot go (/root, say), its data and a copy of
    its programs go to /var/lib/complaint-desk-…; no permission of an existing folder is changed.
    """
    cluster = data / "postgres"
    user = postgres_user(cluster)
    if user:
        can_run = succeeds_as([postgres_bin / "postgres", "--version"], user)
        can_enter = succeeds_as(["test", "-x", data], user)
        if not (can_run and can_enter):
            mark = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
            base = Path("/var/lib") / f"complaint-desk-{mark}"
            base.mkdir(exist_ok=True, mode=0o755)
            (data / "postgres-is-elsewhere.txt").write_text(f"{base}\n", encoding="utf-8")
            if not can_run:
                postgres_bin = copy_programs(postgres_bin, base)
            cluster = base / "postgres"
            user = postgres_user(cluster)
    return Place(
        data=data,
        postgres_bin=postgres_bin,
        cluster=cluster,
        sockets=short_socket_folder(cluster, ".s.PGSQL.5432.lock", user),
        user=user,
    )


def copy_programs(source: Path, base: Path) -> Path:
    """Copy the wheel's programs and libraries below `base`, once a version; return the programs' folder.

    The layout stays as in the wheel, because the programs find their libraries relative to themselves.
    """
    root, package = source.parent, source.parent.parent
    version = run_as([source / "postgres", "--version"], None).stdout.strip()
    target = base / package.name / root.name
    done = base / "copied-version.txt"
    if not done.exists() or done.read_text(encoding="utf-8") != version:
        done.unlink(missing_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(root, target, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, base / libraries.name, dirs_exist_ok=True)
        done.write_text(version, encoding="utf-8")
    return target / "bin"
