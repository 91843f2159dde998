"""Every date of a reply template comes from the row that it speaks of, and none stands in for another."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from complaints.case.actors import Actor
from complaints.conversation import messages
from complaints.models import ReplyTemplate
from complaints.steps import options, verification
from complaints.writing import reply_templates
from complaints.writing.reply_templates import Unfilled
from followups.callbacks import callbacks
from followups.models import Promise
from followups.promises import promises
from followups.reactions.letter_dates import dates_of
from tests.cases import at_stage, logged, verification_data

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SHIPPED = yaml.safe_load((Path(settings.BASE_DIR) / "demo" / "replies.yaml").read_text())


def known(complaint, at) -> dict:
    return {name: moment for name, moment in dates_of(complaint, at).items() if moment}


def test_the_extension_letter_names_the_old_date_as_old_and_the_new_one_as_new(cast, at):
    complaint = at_stage(cast, "assigned", at, language="en")
    actor = Actor.staff(cast.handler)
    visit = promises.make(complaint.pk, kind="visit", words="We come", due_at=at + DAY / 2, actor=actor, at=at + HOUR)
    result = complaint.promises.get(kind="resolution", state="open")
    promises.move(result.pk, due_at=at + 5 * DAY, reason="The part is late", actor=actor, at=at + HOUR)
    assert known(complaint, at + HOUR) == {
        "promised": visit.due_at,
        "appointment": visit.due_at,
        "result_by": at + 5 * DAY,
        "old_date": result.due_at,
        "new_date": at + 5 * DAY,
    }
    template = ReplyTemplate(**next(row for row in SHIPPED if row["name"] == "We need longer, and why"))
    text = reply_templates.text_for(template, complaint, writer=cast.handler, at=at + HOUR)
    assert "we told you Thursday 19 November, 10:00" in text
    assert "The new date is Monday 23 November, 10:00" in text
    assert text.index("19 November") < text.index("23 November")


def test_nothing_moved_leaves_its_dates_as_holes_so_that_the_letter_cannot_go(cast, at):
    complaint = at_stage(cast, "assigned", at)
    text = reply_templates.fill(
        "From {old_date} to {new_date}", reply_templates.values_for(complaint, writer=cast.handler, at=at)
    )
    assert reply_templates.unfilled(text) == ["{old_date}", "{new_date}"]
    with pytest.raises(Unfilled):
        messages.say(complaint.pk, kind="public", body=text, actor=Actor.staff(cast.handler), at=at + HOUR)


def test_what_we_missed_is_named_by_its_own_date_and_never_as_promised_again(cast, at):
    complaint = logged(cast, at)
    later = at + HOUR + MINUTE
    found = known(complaint, later)
    assert (found["missed_date"], found["promised"]) == (at + HOUR, at + 16 * HOUR)
    complaint.promises.filter(kind="first_contact").update(state=Promise.State.BROKEN, broken_at=at, settled_at=at)
    assert known(complaint, later)["missed_date"] == at + HOUR
    complaint.promises.filter(kind="first_contact").update(kept_at=later)
    assert "missed_date" not in known(complaint, later)


def test_what_was_promised_inside_is_no_date_for_the_customer(cast, at):
    complaint = at_stage(cast, "assigned", at)
    promises.make(
        complaint.pk,
        kind="visit",
        words="Only for us",
        due_at=at + 2 * HOUR,
        to_customer=False,
        actor=Actor.staff(cast.handler),
        at=at + HOUR,
    )
    assert "appointment" not in known(complaint, at + HOUR)


def test_offers_and_calls_have_dates_of_their_own(cast, at):
    complaint = at_stage(cast, "assigned", at)
    options.offer(
        complaint.pk,
        words="A voucher",
        amount=0,
        expires_at=at + 3 * DAY,
        actor=Actor.staff(cast.handler),
        at=at + HOUR,
    )
    values = reply_templates.values_for(complaint, writer=cast.handler, at=at + HOUR)
    assert values["offer_until"] == "Saturday 21 November, 10:00"
    called = at_stage(cast, "resolved", at, phone="139 0000 4431")
    callback = called.callbacks.get()
    callbacks.record_attempt(callback.pk, outcome="no_answer", actor=Actor.staff(cast.handler), at=at + DAY, number=1)
    callback.refresh_from_db()
    assert (known(called, at + DAY)["called"], known(called, at + DAY)["call_by"]) == (at + DAY, callback.next_at)


@pytest.mark.parametrize("row", SHIPPED, ids=lambda row: row["name"])
def test_shipped_templates_have_the_same_variables_and_as_many_holes_in_both_languages(row):
    assert reply_templates._VARIABLE.findall(row["body"]) or "[" in row["body"]
    assert set(reply_templates._VARIABLE.findall(row["body"])) == set(
        reply_templates._VARIABLE.findall(row["body_zh"])
    )
    assert row["body"].count("[") == row["body_zh"].count("[")
    said = row["body"].lower()
    for unchecked in ("looked at the records", "spoken with", "has read", "handbook", "confirmed;"):
        assert unchecked not in said


class TestEveryWayOut:
    """The verbs refuse, so every page, bulk action and import that calls them does."""

    HOLE = "About {promised}"

    def test_an_offer(self, cast, at):
        complaint = at_stage(cast, "assigned", at)
        with pytest.raises(Unfilled):
            options.offer(complaint.pk, words=self.HOLE, amount=0, actor=Actor.staff(cast.handler), at=at + HOUR)
        assert not complaint.options.exists()

    def test_a_promise_an_extension_and_a_withdrawal(self, cast, at):
        complaint, actor = logged(cast, at), Actor.staff(cast.handler)
        said = {"kind": "visit", "due_at": at + DAY, "actor": actor, "at": at + MINUTE}
        with pytest.raises(Unfilled):
            promises.make(complaint.pk, words=self.HOLE, **said)
        promise = promises.make(complaint.pk, words="We come", **said)
        with pytest.raises(Unfilled):
            promises.move(promise.pk, due_at=at + 2 * DAY, reason=self.HOLE, actor=actor, at=at + HOUR)
        with pytest.raises(Unfilled):
            promises.withdraw(promise.pk, reason=self.HOLE, actor=actor, at=at + HOUR)
        promise.refresh_from_db()
        assert (promise.state, promise.moves) == (Promise.State.OPEN, 0)

    def test_our_words_that_the_customer_confirms_on_the_link(self, cast, at):
        complaint = logged(cast, at)
        data = verification_data(at) | {"restatement": self.HOLE, "confirmed_how": "link"}
        with pytest.raises(Unfilled):
            verification.save_progress(complaint.pk, data=data, actor=Actor.staff(cast.handler), at=at + MINUTE)
        verification.save_progress(
            complaint.pk, data=data | {"confirmed_how": ""}, actor=Actor.staff(cast.handler), at=at + MINUTE
        )
