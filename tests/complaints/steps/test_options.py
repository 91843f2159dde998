from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import AuthorityLimit, Role
from complaints.case.actors import CUSTOMER, Actor
from complaints.choices import Status
from complaints.errors import NotAllowedNow, NotPermitted
from complaints.models import Option
from complaints.steps import lifecycle, options
from tests.cases import at_stage


@pytest.fixture
def worked_on(cast, at):
    AuthorityLimit.objects.create(team=cast.company, role=Role.HANDLER, amount=200)
    AuthorityLimit.objects.create(team=cast.west, role=Role.SUPERVISOR, amount=1000)
    AuthorityLimit.objects.create(team=cast.company, role=Role.SUPERVISOR, amount=1000)
    return at_stage(cast, Status.ASSIGNED, at)


def offer(complaint, somebody, at, amount="0", **more):
    return options.offer(
        complaint.pk, words="Money back", amount=Decimal(amount), actor=Actor.staff(somebody), at=at, **more
    )


@pytest.mark.parametrize(("amount", "waits"), [("0", False), ("200.00", False), ("200.01", True)])
def test_what_is_above_the_authors_limit_waits_for_approval(cast, at, worked_on, amount, waits):
    assert offer(worked_on, cast.handler, at, amount).waits_for_approval is waits


def test_nobody_approves_their_own_request_nor_above_their_own_limit(cast, at, worked_on):
    own = offer(worked_on, cast.supervisor, at, "1500")
    with pytest.raises(NotPermitted):
        options.decide(own.pk, approve=True, actor=Actor.staff(cast.supervisor), at=at)
    with pytest.raises(NotPermitted):
        options.decide(own.pk, approve=True, actor=Actor.staff(cast.director), at=at)
    with pytest.raises(NotPermitted):
        options.decide(own.pk, approve=True, actor=Actor.staff(cast.handler), at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Option.objects.filter(pk=own.pk).update(approved_by=cast.supervisor)


def test_a_decision_is_made_once_and_declining_needs_a_reason(cast, at, worked_on):
    option = offer(worked_on, cast.handler, at, "480")
    director = Actor.staff(cast.director)
    with pytest.raises(NotAllowedNow):
        options.decide(option.pk, approve=False, actor=director, at=at)
    options.decide(option.pk, approve=False, reason="Shoes are worth 200", actor=director, at=at)
    with pytest.raises(NotAllowedNow):
        options.decide(option.pk, approve=True, actor=director, at=at)
    with pytest.raises(NotAllowedNow):
        options.choose(option.pk, actor=CUSTOMER, at=at)


def test_the_customer_chooses_one_of_what_is_on_offer_and_choosing_twice_is_once(cast, at, worked_on):
    first, second = offer(worked_on, cast.handler, at), offer(worked_on, cast.handler, at, "20")
    waiting = offer(worked_on, cast.handler, at, "480")
    for _ in range(2):
        assert options.choose(first.pk, actor=CUSTOMER, at=at).chosen_how == "link"
    for other in (second, waiting):
        with pytest.raises(NotAllowedNow):
            options.choose(other.pk, actor=CUSTOMER, at=at)
    event = worked_on.events.get(kind="option_chosen")
    assert event.data["words"] == "Money back"


def test_an_offer_that_ran_out_was_taken_back_or_is_of_an_old_round_cannot_be_chosen(cast, at, worked_on):
    short = offer(worked_on, cast.handler, at, expires_at=at + timedelta(hours=1))
    with pytest.raises(NotAllowedNow):
        options.choose(short.pk, actor=CUSTOMER, at=at + timedelta(hours=1))
    taken_back = offer(worked_on, cast.handler, at)
    options.withdraw(taken_back.pk, actor=Actor.staff(cast.handler), at=at)
    with pytest.raises(NotAllowedNow):
        options.choose(taken_back.pk, actor=CUSTOMER, at=at)
    with pytest.raises(NotAllowedNow):
        offer(worked_on, cast.handler, at, expires_at=at)


def test_offers_are_made_by_those_who_handle_it_while_they_handle_it(cast, at, worked_on):
    for somebody in (cast.frontline, cast.auditor, cast.stranger):
        with pytest.raises(NotPermitted):
            offer(worked_on, somebody, at)
    fresh = at_stage(cast, Status.VERIFIED, at)
    with pytest.raises(NotAllowedNow):
        offer(fresh, cast.handler, at)


def test_a_chosen_offer_cannot_be_taken_back(cast, at, worked_on):
    option = offer(worked_on, cast.handler, at)
    options.choose(option.pk, actor=Actor.staff(cast.handler), at=at, channel="phone")
    with pytest.raises(NotAllowedNow):
        options.withdraw(option.pk, actor=Actor.staff(cast.handler), at=at)
    assert lifecycle.missing_for(worked_on, "resolve", actor=Actor.staff(cast.handler), at=at)
