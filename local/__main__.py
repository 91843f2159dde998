"""python -m local up | dev | test … | manage …: called by run.py once .venv is there."""

import errno
import sys

from local import CannotStart
from local.manage import manage
from local.tests import run_tests
from local.up import up


def main(arguments: list[str]) -> int:
    """Run one command, return its exit status; a problem with a known answer is one sentence."""
    command, rest = arguments[0], arguments[1:]
    try:
        if command in ("up", "dev"):
            return up(reload=command == "dev")
        return run_tests(rest) if command == "test" else manage(rest)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except OSError as error:
        if error.errno == errno.ENOSPC:
            print("The disk is full: free some space and start again.", file=sys.stderr)
        elif error.errno == errno.EACCES:
            print(f"{error.filename} cannot be used: it belongs to another user.", file=sys.stderr)
        else:
            raise
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
