"""The customer is told when it is their turn: to choose, and to confirm our words."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import AuthorityLimit, Role
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.steps import options, verification
from followups.models import Notice
from followups.notices.facts import Facts
from followups.notices.mails import words_of
from followups.notices.truth import why_not
from followups.notices.your_turn import GATHERED_FOR
from tests.cases import at_stage, logged, verification_data
from tests.complaints.customer.customer_link import fresh

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def offer(cast, complaint, at, words="Money back", amount=0, **given):
    by = Actor.staff(cast.handler)
    return options.offer(complaint.pk, words=words, amount=Decimal(amount), actor=by, at=at, **given)


def told(complaint, event) -> list[Notice]:
    return list(Notice.objects.filter(complaint=complaint, event=event).order_by("id"))


def may_be_told(notice, now) -> bool:
    return why_not(notice, Facts([notice], None, now)) == ""


class TestChoose:
    @pytest.fixture
    def complaint(self, cast, at):
        return at_stage(cast, Status.ASSIGNED, at)

    def test_several_offers_are_one_message_that_lists_what_stands_when_it_is_sent(self, cast, at, complaint):
        offer(cast, complaint, at + HOUR, "Money back", expires_at=at + 5 * HOUR)
        taken = offer(cast, complaint, at + HOUR, "A wash")
        offer(cast, complaint, at + HOUR + MINUTE, "A voucher")
        options.withdraw(taken.pk, actor=Actor.staff(cast.handler), at=at + HOUR + MINUTE)
        (notice,) = told(complaint, "customer_options")
        assert notice.not_before == at + HOUR + GATHERED_FOR
        text = words_of(notice, at + HOUR + GATHERED_FOR).text
        assert "- Money back (stands until Wednesday 18 November, 15:00)" in text
        assert "- A voucher" in text
        assert "A wash" not in text
        assert "Opening the page chooses nothing." in text

    def test_an_offer_after_the_message_left_is_another_message(self, cast, at, complaint):
        offer(cast, complaint, at + HOUR)
        Notice.objects.filter(event="customer_options").update(state=Notice.State.SENT, sent_at=at + HOUR)
        offer(cast, complaint, at + 2 * HOUR, "A voucher")
        assert len(told(complaint, "customer_options")) == 2

    def test_above_the_limit_it_is_told_once_it_is_approved(self, cast, at, complaint):
        AuthorityLimit.objects.create(team=cast.company, role=Role.HANDLER, amount=100)
        AuthorityLimit.objects.create(team=cast.company, role=Role.SUPERVISOR, amount=10_000)
        option = offer(cast, complaint, at + HOUR, amount=5000)
        assert told(complaint, "customer_options") == []
        options.decide(option.pk, approve=True, actor=Actor.staff(cast.supervisor), at=at + 2 * HOUR)
        (notice,) = told(complaint, "customer_options")
        assert may_be_told(notice, at + 2 * HOUR)

    def test_declined_it_is_never_told(self, cast, at, complaint):
        AuthorityLimit.objects.create(team=cast.company, role=Role.HANDLER, amount=100)
        option = offer(cast, complaint, at + HOUR, amount=5000)
        by = Actor.staff(cast.supervisor)
        options.decide(option.pk, approve=False, reason="Too much", actor=by, at=at + 2 * HOUR)
        assert told(complaint, "customer_options") == []

    def test_chosen_or_over_before_it_is_sent_it_is_not_told(self, cast, at, complaint):
        option = offer(cast, complaint, at + HOUR, expires_at=at + 2 * HOUR)
        (notice,) = told(complaint, "customer_options")
        assert may_be_told(notice, at + HOUR)
        assert not may_be_told(notice, at + 2 * HOUR)
        options.choose(option.pk, actor=CUSTOMER, at=at + HOUR)
        assert not may_be_told(notice, at + HOUR)


class TestConfirm:
    def save(self, cast, complaint, at, **given):
        data = verification_data(at) | {"confirmed_how": "link"} | given
        verification.save_progress(complaint.pk, actor=Actor.staff(cast.handler), at=at, data=data)

    def test_asked_on_the_link_the_words_go_out_once(self, cast, at):
        complaint = logged(cast, at)
        self.save(cast, complaint, at)
        self.save(cast, complaint, at + MINUTE, place="Pump 5")
        (notice,) = told(complaint, "customer_confirm")
        text = words_of(notice, at).text
        assert "- The attendant refused to print a receipt." in text
        assert "Opening the page confirms nothing." in text

    def test_other_words_are_asked_for_anew_and_the_first_are_not_told_any_more(self, cast, at):
        complaint = logged(cast, at)
        self.save(cast, complaint, at)
        self.save(cast, complaint, at + MINUTE, restatement="Pump 4 showed too much.")
        first, second = told(complaint, "customer_confirm")
        assert not may_be_told(first, at + MINUTE)
        assert may_be_told(second, at + MINUTE)
        verification.confirm_restatement(complaint.pk, at=at + HOUR)
        assert not may_be_told(second, at + HOUR)

    def test_a_draft_is_not_told_before_the_link_is_chosen(self, cast, at):
        complaint = logged(cast, at)
        self.save(cast, complaint, at, confirmed_how="phone")
        assert told(complaint, "customer_confirm") == []
        assert fresh(complaint).status == Status.RECEIVED
