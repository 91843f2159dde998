"""The kinds of notices: when each may still be told, and in which words. Rooms register theirs at start-up."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise as LazyText

from followups.notices.bell_words import Sentences
from followups.notices.facts import Rule


@dataclass(frozen=True)
class NoticeKind:
    """`words` stand under the bell of people of the desk; what is `only_mailed` has its words in its mail alone."""

    rule: Rule
    words: Sentences | None = None
    only_mailed: bool = False


_kinds: dict[str, NoticeKind] = {}
# What is told to a customer, also of what people say themselves and no notice carries.
_about: dict[str, str | LazyText] = {}


def register_notices(
    rules: Mapping[str, Rule],
    *,
    words: Mapping[str, Sentences] | None = None,
    about: Mapping[str, str | LazyText] | None = None,
    only_mailed: Collection[str] = (),
) -> None:
    """Let notices of each kind be told by its rule, in its words. A kind without a rule is told to nobody."""
    words = words or {}
    _kinds.update({event: NoticeKind(rule, words.get(event), event in only_mailed) for event, rule in rules.items()})
    _about.update(about or {})


def rule_of(event: str) -> Rule:
    """The rule of a kind. Raises KeyError for one that nobody registered."""
    return _kinds[event].rule


def words_of(event: str) -> Sentences:
    """What a kind says under the bell. Raises KeyError for one that says nothing there."""
    words = _kinds[event].words
    if words is None:
        raise KeyError(event)
    return words


def about(event: str) -> str:
    """What a kind tells a customer, in the active language; "" for one that is for people of the desk."""
    return str(_about.get(event, ""))


def told_to_customers() -> list[tuple[str, str]]:
    """The kinds of notices that go to customers, each with what it tells, in the active language."""
    return [(event, str(words)) for event, words in _about.items() if event in _kinds]


def speechless() -> list[str]:
    """The kinds that say nothing to anybody."""
    return [event for event, kind in _kinds.items() if not (kind.words or kind.only_mailed or event in _about)]
