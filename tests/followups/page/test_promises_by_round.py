from datetime import timedelta

from django.utils import timezone

from complaints.case.actors import CUSTOMER
from complaints.choices import Status
from complaints.customer import fetch, page as customer_page
from complaints.steps import lifecycle
from followups.models import Promise
from followups.page import promises_by_round
from tests.cases import at_stage
from tests.complaints.customer.customer_link import page as opened

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def rounds(complaint) -> list[promises_by_round.OfRound]:
    built = customer_page.build(fetch.fetch(complaint.token_hash), timezone.now())
    return promises_by_round.of(built, timezone.now())


def looks(of_round) -> dict[str, str]:
    return {line.what: line.look for line in of_round.lines}


def rated(complaint, **said):
    data = {"channel": "link", "round": complaint.round} | said
    return lifecycle.perform(complaint.pk, "record_feedback", actor=CUSTOMER, at=timezone.now(), data=data)


def test_one_round_has_no_heading(cast, now):
    (only,) = rounds(at_stage(cast, Status.ASSIGNED, now))
    assert (only.title, only.said, only.is_over) == ("", "", False)
    assert only.lines


def test_what_was_done_and_helped_is_green(cast, now):
    told = at_stage(cast, Status.RESOLVED, now)
    for case in (told, rated(told, solved=True, rating=5)):
        (only,) = rounds(case)
        assert looks(only)["Tell you the result"] == "kept"


def test_what_was_done_in_a_round_that_did_not_solve_it_is_not_green(cast, now, visitor):
    complaint = at_stage(cast, Status.RESOLVED, now)
    # It was done as well, but late: that stays as red as it was.
    late = {"state": "broken", "broken_at": now, "settled_at": now, "kept_at": now}
    Promise.objects.filter(complaint=complaint, kind="verification").update(**late)
    complaint = rated(complaint, solved=False, rating=1)
    assert complaint.status == Status.ASSIGNED
    newest, first = rounds(complaint)
    assert (newest.title, first.title, first.said) == ("Round 2", "Round 1", "you told us: not solved")
    assert newest.said.startswith("since ")
    assert (newest.is_over, first.is_over) == (False, True)
    assert set(looks(newest).values()) == {"open"}
    assert looks(first) == {
        "Make sure that we understood you": "broken",
        "Tell you the result": "was",
        "Get in touch with you": "was",
    }
    told = next(line for line in first.lines if line.what == "Tell you the result")
    assert told.words.endswith("but it did not solve it")
    text = opened(visitor, complaint).text
    assert "check-circle-fill" not in text
    assert text.index("Round 2") < text.index("Round 1")
