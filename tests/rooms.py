"""The rooms of complaints and followups and the arrows between them: python -m tests.rooms (make rooms).

A room is a folder of the app, or a module that lies loose in it. An arrow is a room that imports another one, whatever
the number of imports. A circle is a set of rooms that reach each other; the layers in pyproject.toml forbid them.
"""

import sys

import grimp

APPS = ("complaints", "followups")


def rooms_of(graph: grimp.ImportGraph, app: str) -> dict[str, set[str]]:
    """Each room of `app` with the rooms of `app` that it imports, by name."""
    rooms = sorted(child.rpartition(".")[2] for child in graph.find_children(app))
    arrows = {room: set() for room in rooms}
    for room in rooms:
        for module in {f"{app}.{room}", *graph.find_descendants(f"{app}.{room}")}:
            for imported in graph.find_modules_directly_imported_by(module):
                parts = imported.split(".")
                if parts[0] == app and len(parts) > 1 and parts[1] != room:
                    arrows[room].add(parts[1])
    return arrows


def circles_in(arrows: dict[str, set[str]]) -> list[list[str]]:
    """The sets of rooms that reach each other, each in the order of names."""
    reach = {room: _reached_from(room, arrows) for room in arrows}
    found = {tuple(sorted(each for each in reach[room] if room in reach[each])) for room in arrows}
    return [list(circle) for circle in sorted(found) if circle]


def _reached_from(room: str, arrows: dict[str, set[str]]) -> set[str]:
    seen, ahead = set(), set(arrows[room])
    while ahead:
        each = ahead.pop()
        seen.add(each)
        ahead |= arrows[each] - seen
    return seen


def main() -> int:
    """Print each app's rooms with their arrows; 1 when there is a circle."""
    circles = 0
    for app in APPS:
        arrows = rooms_of(grimp.build_graph(app), app)
        found = circles_in(arrows)
        circles += len(found)
        print(f"{app}: {len(arrows)} rooms, {sum(map(len, arrows.values()))} arrows, {len(found)} circles")
        for room, others in arrows.items():
            print(f"  {room:14} -> {', '.join(sorted(others)) or '(none)'}")
        for circle in found:
            print(f"  CIRCLE {', '.join(circle)}")
    return 1 if circles else 0


if __name__ == "__main__":
    sys.exit(main())
