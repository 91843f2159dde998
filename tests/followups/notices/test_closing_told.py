"""Closing early says so to the customer: how it ended, the reason in words for them, and the way back."""

from datetime import timedelta

import pytest

from accounts.models import Team
from complaints.case.actors import CUSTOMER, Actor
from complaints.models import Complaint
from complaints.steps import archive, lifecycle
from complaints.writing.reply_templates import Unfilled
from followups.models import Notice
from followups.notices.closing_told import phone_of
from followups.notices.facts import Facts
from followups.notices.mails import words_of
from followups.notices.truth import why_not
from tests.cases import logged
from tests.complaints.customer.customer_link import fresh

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def close(cast, complaint, at, outcome="withdrawn", reason="You said that the pump is right after all."):
    if outcome == "invalid":
        archive.propose_invalid(complaint.pk, reason="SECRET: a crank", actor=Actor.staff(cast.handler), at=at)
    data = {"outcome": outcome, "reason": reason}
    return lifecycle.perform(complaint.pk, "close_early", actor=Actor.staff(cast.supervisor), at=at, data=data)


def told(complaint) -> Notice:
    return Notice.objects.get(complaint=complaint, event="customer_closed")


def test_withdrawn_says_why_what_ends_with_it_and_until_when_it_can_be_opened_again(cast, at):
    complaint = close(cast, logged(cast, at), at + MINUTE)
    words = words_of(told(complaint), at + MINUTE)
    assert words.subject == f"You took your complaint {complaint.reference} back: it is closed"
    assert "You said that the pump is right after all." in words.text
    assert "- Tell you the result" in words.text
    assert "Is it still a problem? Until " in words.text
    lifecycle.perform(complaint.pk, "reopen", actor=CUSTOMER, at=at + DAY, data={"reason": "It is wrong again"})
    notice = told(complaint)
    assert why_not(notice, Facts([notice], None, at + DAY)) == "over"


def test_no_complaint_says_why_and_where_to_turn_and_nothing_of_the_proposal(cast, at):
    complaint = close(cast, logged(cast, at), at + MINUTE, "invalid", "The shop next door is not ours.")
    text = words_of(told(complaint), at + MINUTE).text
    assert "The shop next door is not ours." in text
    assert "ask for a second look on the page below, until Friday 18 December" in " ".join(text.split())
    late = words_of(told(complaint), at + 40 * DAY).text
    assert "If you do not agree, call 400-000-0123: somebody else looks at it again." in late
    assert "SECRET" not in text


def test_a_team_without_a_number_gives_the_nearest_above(cast):
    assert phone_of(cast.hexi)[0] == "400-000-0123"
    Team.objects.filter(pk=cast.west.pk).update(phone="029-1", hours_text="Always")
    assert phone_of(cast.hexi) == ("029-1", "Always")


@pytest.mark.parametrize("outcome", ["withdrawn", "invalid"])
def test_a_reason_with_a_hole_is_refused(cast, at, outcome):
    complaint = logged(cast, at)
    with pytest.raises(Unfilled):
        close(cast, complaint, at + MINUTE, outcome, "You get it by {promised}.")
    assert not fresh(complaint).is_archived
    assert not Notice.objects.filter(event="customer_closed").exists()


def test_who_wishes_no_contact_is_not_written_to(cast, at):
    complaint = close(cast, logged(cast, at, wishes_no_contact=True), at + MINUTE)
    assert not Notice.objects.filter(complaint=complaint, to_customer=True).exists()


def test_one_message_and_none_about_dates(cast, at):
    complaint = close(cast, logged(cast, at), at + MINUTE)
    kinds = Notice.objects.filter(complaint=complaint, to_customer=True).values_list("event", flat=True)
    assert sorted(kinds) == ["customer_acknowledged", "customer_closed"]
    assert Complaint.objects.get(pk=complaint.pk).closing_reason.startswith("You said")
