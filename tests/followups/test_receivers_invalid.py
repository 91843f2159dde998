"""Somebody proposes that a case is no complaint: whoever has to agree is told."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.utils import translation

from accounts.models import Absence
from complaints.case.actors import Actor
from complaints.steps import archive, lifecycle
from followups import clock
from followups.delivery import delivery
from followups.models import Notice
from followups.notices import bell, mails
from tests.cases import at_stage, logged
from tests.cast import person

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REASON = "They ask when we open"


@pytest.fixture
def complaint(cast, at):
    complaint = logged(cast, at)
    Notice.objects.all().delete()
    return complaint


def propose(complaint, who, at, reason=REASON):
    return archive.propose_invalid(complaint.pk, reason=reason, actor=Actor.staff(who), at=at)


def told() -> list[str]:
    return list(
        Notice.objects.filter(event="invalid_proposed").order_by("pk").values_list("person__username", flat=True)
    )


def words_of(person, now) -> list[str]:
    return [line.words for line in bell.lines(list(bell.notices_of(person, now)), person, now)]


def test_the_supervisor_of_the_cases_team_is_told_who_proposes_it_and_why(cast, complaint, at):
    propose(complaint, cast.handler, at)
    notice = Notice.objects.get()
    assert (notice.person, notice.event, notice.complaint) == (cast.supervisor, "invalid_proposed", complaint)
    assert notice.data == {"proposed_by": cast.handler.pk, "reason": REASON}
    assert words_of(cast.supervisor, at) == [
        "Li Min proposes that this is not a complaint: please agree, or let the work go on."
    ]
    written = mails.compose(notice, now=at)
    assert written.subject == f"{complaint.reference}: perhaps not a complaint: {complaint.subject}"
    assert "Li Min proposes that this is not a complaint.\nWhy: They ask when we open\n" in written.body


def test_who_proposes_it_is_not_asked_but_the_next_above(cast, complaint, at):
    propose(complaint, cast.supervisor, at)
    assert told() == ["gao.feng"]


def test_two_supervisors_of_a_team_ask_each_other(cast, complaint, at):
    second = person("second.west", ("supervisor", cast.west))
    propose(complaint, second, at)
    assert told() == ["chen.jing"]


def test_from_the_top_it_comes_down_to_the_nearest(cast, complaint, at):
    propose(complaint, cast.director, at)
    assert told() == ["chen.jing"]


def test_nobody_named_in_it_is_asked(cast, complaint, at):
    complaint.named_people.add(cast.supervisor)
    propose(complaint, cast.handler, at)
    assert told() == ["gao.feng"]


def test_who_is_away_is_passed_over_and_the_deputy_asked_in_their_place(cast, complaint, at):
    away = Absence.objects.create(person=cast.supervisor, begins_at=at - DAY, ends_at=at + DAY)
    propose(complaint, cast.handler, at)
    assert told() == ["gao.feng"]
    deputy = person("deputy.west", ("supervisor", cast.west))
    away.deputy = deputy
    away.save(update_fields=["deputy"])
    Notice.objects.all().delete()
    propose(complaint, cast.frontline, at + HOUR)
    assert told() == ["deputy.west"]


def test_where_nobody_else_supervises_the_administrators_are_told(cast, complaint, at):
    cast.supervisor.memberships.all().delete()
    propose(complaint, cast.director, at)
    assert told() == []
    neutral = Notice.objects.get(event="nobody_there")
    assert (neutral.person, neutral.data) == (cast.administrator, {"missing": "sign"})


def test_a_later_proposal_is_told_too_and_takes_the_place_of_the_first(cast, complaint, at):
    propose(complaint, cast.handler, at)
    propose(complaint, cast.frontline, at + HOUR)
    assert told() == ["chen.jing", "chen.jing"]
    assert words_of(cast.supervisor, at)[0] == "Li Min proposed that this is not a complaint."


@pytest.mark.parametrize(("chosen", "state"), [("at_once", "queued"), ("daily", "gathered"), ("urgent", "shown")])
def test_it_is_mailed_as_its_reader_chose(cast, complaint, at, chosen, state):
    cast.supervisor.notify_by_mail = chosen
    cast.supervisor.save(update_fields=["notify_by_mail"])
    propose(complaint, cast.handler, at)
    assert Notice.objects.get().state == state


def test_the_mail_leaves_in_the_readers_language(cast, complaint, at):
    cast.supervisor.language = "zh-hans"
    cast.supervisor.save(update_fields=["language"])
    propose(complaint, cast.handler, at)
    Notice.objects.update(not_before=clock.now() - HOUR)
    delivery.run(budget_seconds=10)
    (message,) = outbox.outbox
    assert message.to == [cast.supervisor.email]
    assert "李敏" in message.body
    assert REASON in message.body


def test_once_it_is_decided_nothing_is_asked_any_more(cast, complaint, at):
    propose(complaint, cast.handler, at)
    lifecycle.perform(
        complaint.pk,
        "close_early",
        actor=Actor.staff(cast.supervisor),
        at=at + HOUR / 2,
        data={"outcome": "invalid", "reason": "A question"},
    )
    assert words_of(cast.supervisor, at) == ["Li Min proposed that this is not a complaint."]


def test_once_the_result_was_told_there_is_nothing_to_agree_to(cast, at):
    complaint = at_stage(cast, "assigned", at)
    Notice.objects.all().delete()
    propose(complaint, cast.handler, at + HOUR)
    type(complaint).objects.filter(pk=complaint.pk).update(status="resolved")
    assert words_of(cast.supervisor, at) == ["Li Min proposed that this is not a complaint."]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_reason_stands_in_the_mail_and_not_under_the_bell(cast, complaint, at, language):
    propose(complaint, cast.handler, at, reason="SECRET")
    with translation.override(language):
        assert "SECRET" not in words_of(cast.supervisor, at)[0]
    assert "SECRET" in mails.compose(Notice.objects.get(), now=at).body


@pytest.mark.parametrize("rows", [1, 3])
def test_lines_cost_the_same_for_one_and_for_three(cast, at, rows, django_assert_num_queries):
    for _each in range(rows):
        propose(logged(cast, at), cast.handler, at)
    rows = list(Notice.objects.filter(event="invalid_proposed"))
    # What the person may reach, the cases, who proposed it, who is named in them.
    with django_assert_num_queries(4):
        bell.lines(rows, cast.supervisor, at)
