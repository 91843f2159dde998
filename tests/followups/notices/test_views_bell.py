"""The bell's number, its panel, the page of everything one was told, and what is seen."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.case.actors import Actor
from followups.escalation import escalations
from followups.models import Notice
from followups.outbox import notices
from tests.cases import logged

pytestmark = pytest.mark.django_db
PAGE, COUNT, PANEL, SEEN = (
    reverse(f"followups:{name}") for name in ("notifications", "bell_count", "bell_panel", "bell_seen")
)
HOUR = timedelta(hours=1)


@pytest.fixture
def complaint(cast, now):
    complaint = logged(cast, now - HOUR, subject="Pump four")
    Notice.objects.all().delete()
    return complaint


@pytest.fixture
def reader(client, cast):
    client.force_login(cast.handler)
    return client


def tell(person, complaint, at, event="reply_received") -> Notice:
    key = f"occasion:{Notice.objects.count()}"
    notices.tell_person(person, event, complaint=complaint, key=key, data={}, at=at)
    return Notice.objects.latest("pk")


def shown(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def opened(notice) -> str:
    return reverse("followups:open_notification", args=[notice.pk])


@pytest.mark.parametrize(
    ("told", "words"),
    [(0, ">Notifications<"), (1, ">Notifications, one unseen<"), (9, ">Notifications, 9 unseen<")],
)
def test_the_bell_says_how_much_is_unseen(reader, cast, complaint, now, told, words):
    for _number in range(told):
        tell(cast.handler, complaint, now)
    assert words in shown(reader, COUNT)


def test_the_number_is_bounded(reader, cast, complaint, now):
    for _number in range(11):
        tell(cast.handler, complaint, now)
    page = shown(reader, COUNT)
    assert "9+" in page
    assert "more than 9 unseen" in page


@pytest.mark.parametrize("address", [PAGE, PANEL])
def test_what_happened_is_listed_the_newest_first_with_its_case_and_when(reader, cast, complaint, now, address):
    tell(cast.handler, complaint, now - HOUR)
    tell(cast.handler, complaint, now, "assigned")
    page = shown(reader, address)
    assert page.index("This complaint is yours now.") < page.index("The customer wrote.")
    assert complaint.reference in page
    assert "Pump four" in page
    assert "1 h ago" in page
    assert page.count("Unseen:") == 2


@pytest.mark.parametrize("address", [PAGE, PANEL, COUNT])
def test_reading_changes_nothing(reader, cast, complaint, now, address):
    tell(cast.handler, complaint, now)
    shown(reader, address)
    assert Notice.objects.get().seen_at is None


@pytest.mark.parametrize("address", [PAGE, PANEL])
def test_what_others_were_told_is_theirs(reader, cast, complaint, now, address):
    tell(cast.colleague, complaint, now)
    assert "Pump four" not in shown(reader, address)
    assert "Nothing yet" in shown(reader, address)


def test_opening_one_leads_to_its_case_and_marks_it_alone(reader, cast, complaint, now):
    first, second = tell(cast.handler, complaint, now), tell(cast.handler, complaint, now)
    answer = reader.post(opened(first))
    assert answer.url == reverse("complaints:case", args=[complaint.reference])
    assert list(Notice.objects.filter(seen_at=None)) == [second]
    page = shown(reader, PAGE)
    assert page.count("Unseen:") == 1
    assert opened(first) not in page


def test_a_get_opens_nothing(reader, cast, complaint, now):
    notice = tell(cast.handler, complaint, now)
    assert reader.get(opened(notice)).status_code == 405
    assert reader.get(SEEN).status_code == 405


def test_somebody_elses_is_not_to_be_opened(reader, cast, complaint, now):
    notice = tell(cast.colleague, complaint, now)
    assert reader.post(opened(notice)).status_code == 404
    assert reader.post(reverse("followups:open_notification", args=[2**64])).status_code == 404
    assert Notice.objects.get().seen_at is None


def test_a_case_out_of_sight_has_no_link_and_no_words(reader, cast, complaint, now):
    notice = tell(cast.handler, complaint, now)
    complaint.named_people.add(cast.handler)
    page = shown(reader, PAGE)
    assert "About a complaint that you can no longer see." in page
    assert "Pump four" not in page
    assert complaint.reference not in page
    assert opened(notice) not in page


def test_all_that_stood_on_the_page_is_seen(reader, cast, complaint, now):
    newest = tell(cast.handler, complaint, now)
    later = tell(cast.handler, complaint, now)
    assert f'value="{later.pk}"' in shown(reader, PAGE)
    assert reader.post(SEEN, {"up_to": newest.pk}).url == PAGE
    assert list(Notice.objects.filter(seen_at=None)) == [later]


def test_the_panel_is_renewed_in_its_place(reader, cast, complaint, now):
    notice = tell(cast.handler, complaint, now)
    answer = reader.post(SEEN, {"up_to": notice.pk}, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    assert "Unseen:" not in page
    assert "Mark all as seen" not in page
    assert 'data-unseen="0"' in page


@pytest.mark.parametrize("wrong", ["", "0", "-1", "x", "9" * 40, "1.5", "NULL"])
def test_a_number_that_is_none_marks_nothing(reader, cast, complaint, now, wrong):
    tell(cast.handler, complaint, now)
    answer = reader.post(SEEN, {"up_to": wrong})
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.content.decode()
    assert Notice.objects.get().seen_at is None


def test_the_page_goes_on_by_key(reader, cast, complaint, now):
    for _number in range(31):
        tell(cast.handler, complaint, now)
    page = reader.get(PAGE).context["page"]
    following = reader.get(PAGE, {"after": page.next}).context["page"]
    assert (len(page.rows), len(following.rows)) == (30, 1)
    assert "no longer fits" in shown(reader, f"{PAGE}?after=notice.1")
    assert "Nothing further" in shown(reader, f"{PAGE}?after=notification.1")


@pytest.mark.parametrize("address", [PAGE, PANEL, COUNT])
def test_strangers_sign_in_first(client, address):
    assert client.get(address).url.startswith("/account/login/")


@pytest.mark.parametrize("who", ["frontline", "supervisor", "auditor", "reviewer", "administrator"])
def test_everybody_has_a_bell(client, cast, who):
    client.force_login(getattr(cast, who))
    assert 'id="bell"' in shown(client, PAGE)


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_for_one_and_for_three(client, cast, now, rows, django_assert_num_queries):
    for _number in range(rows):
        asked = logged(cast, now - HOUR)
        escalations.escalate_by_hand(asked.pk, note="Help", tried="All", actor=Actor.staff(cast.frontline), at=now)
    client.force_login(cast.supervisor)
    with django_assert_num_queries(3):
        client.get(COUNT)
    for address in (PAGE, PANEL):
        with django_assert_num_queries(8):
            client.get(address)
