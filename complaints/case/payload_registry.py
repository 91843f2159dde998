"""Which data each kind of event has (complaints.case.payloads, and rooms above), held against what is recorded."""

from collections.abc import Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from complaints.case.event_kinds import EventKind


class UnknownPayload(Exception):
    """An event says what its kind does not say, or leaves out what it does; a fault of ours."""


_payloads: dict[EventKind, type] = {}


def register_payloads(payloads: Mapping[EventKind, type]) -> None:
    """Let events of each kind say so; rooms above register what they record themselves. Called once at start-up."""
    _payloads.update(payloads)


def unregistered() -> list[EventKind]:
    """The kinds of events of which nobody said what they say."""
    return [kind for kind in EventKind if kind not in _payloads]


def refuse_unknown(kind: EventKind, data: Mapping[str, Any]) -> None:
    """Raises UnknownPayload unless `data` is what an event of this kind says."""
    payload = _payloads.get(kind)
    if payload is None:
        raise UnknownPayload(f"{kind!r}: its data is in no PAYLOADS (system check complaints.E002)")
    hints = get_type_hints(payload)
    required: frozenset[str] = payload.__required_keys__  # type: ignore[attr-defined]  # a TypedDict has it
    wrong = [name for name, value in data.items() if name in hints and not _fits(value, hints[name])]
    problems = {"unknown": data.keys() - hints.keys(), "missing": required - data.keys(), "of another type": wrong}
    found = [f"{what}: {', '.join(sorted(names))}" for what, names in problems.items() if names]
    if found:
        raise UnknownPayload(f"{kind!r}, {'; '.join(found)}")


def _fits(value: object, hint: Any) -> bool:
    if get_origin(hint) in (Union, UnionType):
        return any(_fits(value, each) for each in get_args(hint))
    # To Python a bool is an int.
    return isinstance(value, get_origin(hint) or hint) and not (hint is int and isinstance(value, bool))
