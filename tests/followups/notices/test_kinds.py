"""The kinds of notices, as rooms register them."""

import pytest

from followups.apps import every_notice_says_something
from followups.notices import bell_words, kinds, tellings, truth
from followups.notices.facts import Rule


@pytest.fixture(autouse=True)
def _ours(monkeypatch):
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    monkeypatch.setattr(kinds, "_about", dict(kinds._about))


def test_every_rule_and_every_word_of_ours_is_registered():
    assert {event: kinds.rule_of(event) for event in truth.RULES} == truth.RULES
    assert {event: kinds.words_of(event) for event in bell_words.SENTENCES} == bell_words.SENTENCES
    assert {event: kinds.about(event) for event in tellings.ABOUT} == {e: str(w) for e, w in tellings.ABOUT.items()}


def test_a_kind_that_nobody_registered_is_told_to_nobody():
    for ask in (kinds.rule_of, kinds.words_of):
        with pytest.raises(KeyError):
            ask("moon_landed")
    assert kinds.about("moon_landed") == ""


def test_another_room_adds_its_own_and_one_without_words_fails_the_system_check():
    kinds.register_notices({"moon_landed": Rule()}, about={"moon_landed": "The moon"})
    assert (kinds.rule_of("moon_landed"), kinds.about("moon_landed")) == (Rule(), "The moon")
    assert every_notice_says_something(None) == []
    kinds.register_notices({"sun_set": Rule()})
    (fault,) = every_notice_says_something(None)
    assert "sun_set" in fault.msg
    with pytest.raises(KeyError):
        kinds.words_of("sun_set")
