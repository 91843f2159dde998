"""How much memory the running desk uses: python -m local.memory (Linux)

PSS counts a page shared by several processes in parts, so the sum is what the machine gives up for the desk.
"""

import json
import os
import sys
from pathlib import Path

from local.environment import data_folder
from local.instance import Instance

NAMES = {"gunicorn": "web", "-Q sweep": "sweeper", "-Q desk": "worker", " beat": "beat", " guard": "guard"}


def children_of(parent: int) -> list[int]:
    """Return the numbers of all processes below `parent`, itself included."""
    found = [parent]
    for number in found:
        for task in Path(f"/proc/{number}/task").glob("*/children"):
            found += [int(child) for child in task.read_text(encoding="ascii").split()]
    return found


def pss_mib(number: int) -> float:
    """Return the proportional set size of a process in MiB; 0 when it has ended."""
    try:
        for line in Path(f"/proc/{number}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0.0


def part_of(number: int) -> str:
    """Return which part of the desk a process belongs to, from its command line."""
    try:
        command = Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        return "ended"
    if "postgres" in command.split(" ")[0]:
        return "postgresql"
    if "valkey" in command or "redis-server" in command:
        return "redis"
    return next((name for mark, name in NAMES.items() if mark in command), "supervisor")


def main() -> int:
    """Print one JSON line with the MiB of each part, their sum and the number of processes."""
    supervisor = Instance(data_folder(os.environ)).read().get("pid")
    if not supervisor or not Path("/proc/self/smaps_rollup").exists():
        print("The desk is not running (or this is not Linux): start it with python3 run.py", file=sys.stderr)
        return 1
    parts: dict[str, float] = {}
    processes = children_of(supervisor)
    for number in processes:
        parts[part_of(number)] = parts.get(part_of(number), 0.0) + pss_mib(number)
    rounded = {name: round(size, 1) for name, size in sorted(parts.items())}
    print(json.dumps({"total_mib": round(sum(parts.values()), 1), "processes": len(processes), "parts_mib": rounded}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
