"""The page on which facts are corrected: who sees it, what it says, and that nothing typed is lost."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from complaints.case.actors import Actor
from complaints.choices import Status
from complaints.models import Complaint
from complaints.steps import facts
from tests.cases import at_stage, logged

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
# Where everybody of the cast reads a clock.
SHANGHAI = ZoneInfo("Asia/Shanghai")


def address(complaint) -> str:
    return f"/complaints/{complaint.reference}/facts/"


def typed(complaint, **other) -> dict:
    """What a browser sends of the form as it is, but for `other`."""
    held = facts.values_of(Complaint.objects.select_related("customer", "site").get(pk=complaint.pk))
    fields = {name: value for name, value in held.items() if isinstance(value, str)}
    fields |= {"site": held["site"].pk if held["site"] else "", "named_people": sorted(held["named_people"])}
    if held["occurred_at"]:
        fields["occurred_at"] = held["occurred_at"].astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    fields |= {"version": Complaint.objects.get(pk=complaint.pk).version, "reason": ""}
    return fields | other


@pytest.mark.parametrize(
    ("who", "status"),
    [("frontline", 200), ("handler", 200), ("supervisor", 200), ("auditor", 403), ("stranger", 404)],
)
def test_who_works_on_it_corrects_it(client, cast, now, who, status):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    client.force_login(getattr(cast, who))
    assert client.get(address(complaint)).status_code == status
    if status != 200:
        assert client.post(address(complaint), typed(complaint, name="Other")).status_code == status
        link = client.get(f"/complaints/{complaint.reference}/")
        assert address(complaint) not in link.content.decode()


def test_a_correction_is_saved_and_told_in_the_history(client, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    client.force_login(cast.handler)
    assert address(complaint) in client.get(f"/complaints/{complaint.reference}/").content.decode()
    sent = typed(complaint, phone="029 0000 5512", named_people=[cast.colleague.pk], reason="Read back wrong")
    assert client.post(address(complaint), sent).url == f"/complaints/{complaint.reference}/"
    for page in (f"/complaints/{complaint.reference}/history/", address(complaint)):
        html = client.get(page).content.decode()
        for words in ("139 0000 4417", "029 0000 5512", "Sun.Yue".replace(".", " "), "Read back wrong"):
            assert words in html, (page, words)
    history = client.get(f"/complaints/{complaint.reference}/history/").content.decode()
    assert "Facts corrected: Phone, Employees named in it" in history
    assert "Phone: 139 0000 4417 → 029 0000 5512" in history


def test_the_page_says_what_follows(client, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    client.force_login(cast.frontline)
    page = client.get(address(complaint)).content.decode()
    assert "Li.Min".replace(".", " ") + " handles it: then it goes back to the queue of Hexi Road station" in page
    assert "The case stays with Hexi Road station" in page
    assert "it goes to the new site" in client.get(address(logged(cast, now))).content.decode()


def test_nothing_changed_is_said_and_is_no_event(client, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    client.force_login(cast.handler)
    answer = client.post(address(complaint), typed(complaint), follow=True)
    assert "Nothing was changed." in answer.content.decode()
    assert not complaint.events.filter(kind="facts_corrected").exists()


def test_everything_wrong_is_named_at_once_and_what_was_typed_stays(client, cast, now):
    complaint = logged(cast, now)
    client.force_login(cast.handler)
    wrong = {"email": "chen.example", "phone": "none", "name": "Chen Guilan"}
    answer = client.post(address(complaint), typed(complaint, **wrong))
    assert answer.status_code == 422
    html = answer.content.decode()
    for value in wrong.values():
        assert f'value="{value}"' in html
    answer = client.post(address(complaint), typed(complaint, phone="none", email=""))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"phone"}


def test_what_changed_meanwhile_is_shown_beside_what_was_typed(client, cast, now):
    complaint = logged(cast, now)
    sent = typed(complaint, phone="029 0000 5512", place="Pump 2")
    actor = Actor.staff(cast.frontline)
    facts.correct(complaint.pk, actor=actor, at=now, data={"phone": "139 0000 7716", "named_people": [cast.colleague]})
    client.force_login(cast.handler)
    answer = client.post(address(complaint), sent)
    assert answer.status_code == 409
    html = answer.content.decode()
    for words in ("139 0000 7716", 'value="029 0000 5512"', 'value="Pump 2"', "Stored now", "Facts corrected"):
        assert words in html
    version = answer.context["form"]["version"].value()
    sent |= {"version": version, "named_people": [cast.colleague.pk]}
    assert client.post(address(complaint), sent).status_code == 302


def test_what_cannot_be_corrected_any_more_is_given_back_to_copy(client, cast, now):
    complaint = at_stage(cast, Status.FEEDBACK, now - HOUR)
    sent = typed(complaint, place="Pump 2, on the left")
    Complaint.objects.filter(pk=complaint.pk).update(status=Status.ARCHIVED)
    client.force_login(cast.handler)
    answer = client.post(address(complaint), sent)
    assert answer.status_code == 409
    assert "Pump 2, on the left</textarea>" in answer.content.decode()
    assert 'name="phone"' in answer.content.decode()
    assert 'name="place"' not in answer.content.decode()


def test_who_does_not_see_the_case_any_more_is_led_to_the_queue(client, cast, now):
    complaint = logged(cast, now)
    client.force_login(cast.handler)
    answer = client.post(address(complaint), typed(complaint, site=cast.weiyang.pk))
    assert answer.url == "/queue/"


def test_a_site_that_was_closed_since_can_stay(client, cast, now):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    cast.hexi.active = False
    cast.hexi.save()
    client.force_login(cast.handler)
    assert client.post(address(complaint), typed(complaint, name="Other")).status_code == 302


def test_the_page_costs_the_same_however_often_it_was_corrected(client, cast, now, django_assert_max_num_queries):
    complaint = at_stage(cast, Status.ASSIGNED, now - HOUR)
    client.force_login(cast.handler)
    client.get(address(complaint))
    for times in (1, 3):
        for number in range(times):
            actor = Actor.staff(cast.handler)
            facts.correct(complaint.pk, actor=actor, at=now, data={"place": f"Pump {times}{number}"})
        with django_assert_max_num_queries(22):
            assert client.get(address(complaint)).status_code == 200
