"""Reads the stories: who does what, when.

A story is a complaint as it is logged (`at`, `logged by`, `via`, `customer`, `says`, …) and, under `then`,
what happens to it. A line has a moment and one sentence "who verb": what follows. For example

    - {at: -20d 10:40, supervisor assigns: {to: handler, category: metering.over}}

`who` is a user name or "customer"; the verbs are those of demo.verbs. Moments and the braces in
texts are explained in demo.moments.
"""

from dataclasses import dataclass
from datetime import datetime

from demo.moments import Clock

LOGS = "logs"
# What tells a complaint of the demo from all others: its submission key.
KEY = "demo:{}"


@dataclass(frozen=True)
class Line:
    """One thing that happens in a story; `number` keeps lines of one moment in their order."""

    at: datetime
    number: int
    story: dict
    who: str
    verb: str
    what: object


def in_order(stories: list[dict], clock: Clock) -> list[Line]:
    """Every line of all stories, the earliest first. Raises ValueError where a story runs backwards."""
    lines: list[Line] = []
    for story in stories:
        last = clock.moment(story["at"])
        lines.append(Line(last, len(lines), story, story["logged by"], LOGS, None))
        for said in story.get("then", ()):
            at = clock.moment(said["at"])
            who, verb, what = _sentence(said)
            if at < last:
                raise ValueError(f"{story['key']}: “{who} {verb}” comes before what it follows")
            lines.append(Line(at, len(lines), story, who, verb, what))
            last = at
        if last > clock.now:
            raise ValueError(f"{story['key']} has not happened yet")
    return sorted(lines, key=lambda line: (line.at, line.number))


def _sentence(said: dict) -> tuple[str, str, object]:
    [(sentence, what)] = [(key, value) for key, value in said.items() if key != "at"]
    who, _space, verb = sentence.partition(" ")
    return who, verb, what
