from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import DeskRules
from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.customer import link_life, links, new_links
from complaints.errors import NotPermitted
from complaints.models import Complaint, Customer, LinkRequest
from followups.models import Notice
from followups.models.promise import PromiseKind
from followups.notices import mails
from tests.cases import at_stage, logged
from tests.complaints.customer.customer_link import closed_as_duplicate, fresh, page, token_of

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
EMAIL = "wang@customer.example"


def asked(complaint, proof="4417", whole=False) -> None:
    new_links.ask(complaint.reference, proof=proof, whole=whole, at=timezone.now())
    assert new_links.answer_asked(timezone.now()) == 1
    assert not LinkRequest.objects.exists()


def told(complaint) -> list[Notice]:
    return list(Notice.objects.filter(complaint=complaint, event="customer_link"))


def is_open(complaint) -> bool:
    return not link_life.is_over(complaint.pk, timezone.now())


# Asked for by the customer


def test_the_link_goes_to_the_address_that_we_know(cast, now):
    complaint = logged(cast, now, email=EMAIL)
    asked(complaint)
    (notice,) = told(complaint)
    assert (notice.channel, notice.address) == ("email", EMAIL)
    text = mails.words_of(notice, now).text
    assert links.public_url(complaint) in text
    assert "somebody typed your reference and your number" in text
    event = complaint.events.get(kind="link_asked")
    assert (event.actor_kind, event.data) == ("system", {"renewed": False})
    # A page that staff have open does not grow old by what strangers type.
    assert fresh(complaint).version == complaint.version


def test_who_has_only_a_phone_is_called(cast, now):
    complaint = logged(cast, now, email="")
    asked(complaint)
    (notice,) = told(complaint)
    assert (notice.state, notice.address) == ("to_say", "139 0000 4417")
    assert complaint.promises.filter(kind=PromiseKind.TELL, state="open").count() == 1


def test_who_wishes_no_contact_and_asks_gets_it_all_the_same(cast, now):
    complaint = logged(cast, now, email=EMAIL)
    Complaint.objects.filter(pk=complaint.pk).update(wishes_no_contact=True)
    asked(complaint)
    assert len(told(complaint)) == 1


@pytest.mark.parametrize(
    ("proof", "whole", "fits"),
    [
        ("4417", False, True),
        ("4418", False, False),
        ("4417", True, False),
        ("+8613900004417", True, True),
        ("+8613900004418", True, False),
        (EMAIL, False, True),
        (EMAIL, True, True),
        ("other@customer.example", False, False),
        ("", False, False),
        ("@", False, False),
    ],
)
def test_only_what_fits_is_sent(cast, now, proof, whole, fits):
    complaint = logged(cast, now, email=EMAIL.title())
    asked(complaint, proof, whole)
    assert bool(told(complaint)) is fits
    assert new_links.fits(complaint.customer, proof, whole) is fits


def test_somebody_without_number_and_address_is_nobody(cast, now):
    assert not new_links.fits(Customer(), "", False)
    complaint = logged(cast, now)
    Complaint.objects.filter(pk=complaint.pk).update(customer=None)
    asked(complaint)
    new_links.ask("C-1999-000001", proof="4417", whole=False, at=now)
    assert new_links.answer_asked(now) == 1
    assert not Notice.objects.filter(event="customer_link").exists()


def test_a_customer_is_not_flooded(cast, now):
    complaint = logged(cast, now, email=EMAIL)
    for minutes, sent in ((0, 1), (9, 1), (11, 2), (22, 3), (33, 4), (44, 5), (55, 5), (300, 5), (24 * 60 + 1, 6)):
        with time_machine.travel(now + minutes * MINUTE, tick=False):
            asked(complaint)
        assert len(told(complaint)) == sent, minutes


def test_another_token_key_is_told_to_the_operator_and_to_nobody_else(cast, now, settings, caplog):
    complaint = logged(cast, now, email=EMAIL)
    settings.TOKEN_KEY = "another key"
    asked(complaint)
    assert "TOKEN_KEY is not the one" in caplog.text
    assert told(complaint) == []


def test_one_that_cannot_be_answered_stops_no_other(cast, now, caplog):
    complaint, other = logged(cast, now, email=EMAIL), logged(cast, now, email=EMAIL)
    # Its history is not as it says: no event can follow.
    Complaint.objects.filter(pk=complaint.pk).update(event_count=0)
    for case in (complaint, other):
        new_links.ask(case.reference, proof="4417", whole=False, at=now)
    assert new_links.answer_asked(now) == 2
    assert "could not be sent again" in caplog.text
    assert (told(complaint), len(told(other))) == ([], 1)


# Made anew by the desk


def test_a_new_link_kills_the_old_one_at_once_and_goes_to_the_customer(visitor, client, cast, now):
    complaint = logged(cast, now, email=EMAIL)
    old = token_of(complaint)
    client.force_login(cast.handler)
    address = f"/complaints/{complaint.reference}/link/"
    for _click in range(2):
        assert client.post(address, {"seen": new_links.mark_of(complaint)}).status_code == 302
    assert "There is a newer link already." in client.get(f"/complaints/{complaint.reference}/").text
    renewed = fresh(complaint)
    assert token_of(renewed) != old
    assert visitor.get(f"/c/{old}/").status_code == 404
    assert page(visitor, renewed).status_code == 200
    assert complaint.events.filter(kind="link_issued", actor=cast.handler).count() == 1
    (notice,) = told(complaint)
    assert links.public_url(renewed) in mails.words_of(notice, now).text


def test_who_only_reads_the_case_may_not(client, cast, now):
    complaint = logged(cast, now)
    mark = new_links.mark_of(complaint)
    with pytest.raises(NotPermitted):
        new_links.issue(complaint.pk, seen=mark, actor=Actor.staff(cast.auditor), at=now)
    for person, code in ((cast.auditor, 403), (cast.stranger, 404)):
        client.force_login(person)
        assert client.post(f"/complaints/{complaint.reference}/link/", {"seen": mark}).status_code == code
    assert fresh(complaint).token_hash == complaint.token_hash
    assert client.get(f"/complaints/{complaint.reference}/link/").status_code == 302


# How long it works


def test_it_works_until_its_days_after_the_end_are_over(visitor, cast, now):
    complaint = at_stage(cast, Status.ARCHIVED, now)
    closed_at = complaint.closed_at
    for days, code in ((89, 200), (90, 404), (400, 404)):
        with time_machine.travel(closed_at + days * DAY + MINUTE, tick=False):
            assert page(visitor, complaint).status_code == code
    DeskRules.objects.update_or_create(pk=1, defaults={"link_days": 500})
    with time_machine.travel(closed_at + 400 * DAY, tick=False):
        assert page(visitor, complaint).status_code == 200


def test_an_open_case_has_no_end_however_old_it_is(visitor, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now)
    with time_machine.travel(now + 1000 * DAY, tick=False):
        assert page(visitor, complaint).status_code == 200


def test_a_duplicate_is_open_while_its_original_is(cast, now):
    complaint, original = closed_as_duplicate(cast, now)
    with time_machine.travel(now + 100 * DAY, tick=False):
        assert is_open(complaint)
        Complaint.objects.filter(pk=original.pk).update(status=Status.ARCHIVED, closed_at=timezone.now())
    with time_machine.travel(now + 150 * DAY, tick=False):
        assert is_open(complaint)
    with time_machine.travel(now + 191 * DAY, tick=False):
        assert not is_open(complaint)


def test_who_asks_after_the_end_gets_a_new_one_with_days_of_its_own(visitor, cast, now):
    complaint = at_stage(cast, Status.ARCHIVED, now, email=EMAIL)
    with time_machine.travel(complaint.closed_at + 91 * DAY, tick=False):
        asked(complaint)
        renewed = fresh(complaint)
        assert renewed.events.get(kind="link_asked").data == {"renewed": True}
        assert page(visitor, complaint).status_code == 404
        assert page(visitor, renewed).status_code == 200
    with time_machine.travel(complaint.closed_at + 180 * DAY, tick=False):
        assert page(visitor, renewed).status_code == 200
    with time_machine.travel(complaint.closed_at + 182 * DAY, tick=False):
        assert page(visitor, renewed).status_code == 404


def test_links_that_never_were_are_over_were_replaced_or_closed_to_the_reader_are_one_page(
    visitor, cast, now, django_assert_num_queries
):
    over, replaced = at_stage(cast, Status.ARCHIVED, now), logged(cast, now)
    Complaint.objects.filter(pk=over.pk).update(closed_at=now - 91 * DAY, appeal_until=now - 61 * DAY)
    new_links.issue(replaced.pk, seen=new_links.mark_of(replaced), actor=Actor.staff(cast.handler), at=timezone.now())
    answers = set()
    for token in (links.new_token(), token_of(over), token_of(replaced)):
        with django_assert_num_queries(3):  # the look-up, the rules, the organisation's name
            response = visitor.get(f"/c/{token}/")
        answers.add((response.status_code, response.content))
    ((code, body),) = answers
    assert code == 404
    assert b"This link does not work" in body
    assert b'href="/c/"' in body
    assert b"90 days" in body
