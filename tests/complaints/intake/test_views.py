import uuid
from functools import partial

import pytest
import time_machine
from django.urls import reverse

from complaints.choices import Channel, Severity
from complaints.intake.forms import LogForm
from complaints.models import Complaint, ComplaintEvent, Evidence
from tests.cases import NARRATIVE
from tests.complaints.intake.log_form import LOG, photo, refusals, sent, typed
from tests.flat import flat

FORM_QUERIES = 5  # session, person, roles, sites, people to name


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def send(client, cast):
    return partial(sent, client, cast)


def test_a_complaint_is_logged_with_everything_that_was_said(cast, at, send, client):
    response = send(
        danger="on",
        desired_outcome="Measure the pump",
        occurred_at="2026-11-17T19:05",
        place="Pump 4",
        channel="phone",
        name="Wang Jianguo",
        title="mr",
        email="wang@customer.example",
        call_hours="after 18:00",
        language="en",
        named_people=[str(cast.colleague.pk)],
    )
    complaint = Complaint.objects.get()
    assert response.status_code == 302
    assert response.headers["Location"] == reverse("complaints:case", args=[complaint.reference])
    assert complaint.narrative == NARRATIVE
    assert (complaint.channel, complaint.severity, complaint.language) == (Channel.PHONE, Severity.DANGER, "en")
    assert (complaint.desired_outcome, complaint.place) == ("Measure the pump", "Pump 4")
    assert complaint.occurred_at.isoformat() == "2026-11-17T11:05:00+00:00", "typed in the zone of Shanghai"
    assert (complaint.site, complaint.team, complaint.logged_by) == (cast.hexi, cast.hexi, cast.frontline)
    assert list(complaint.named_people.all()) == [cast.colleague]
    customer = complaint.customer
    assert (customer.name, customer.title, customer.phone) == ("Wang Jianguo", "mr", "139 0000 4417")
    assert (customer.email, customer.call_hours) == ("wang@customer.example", "after 18:00")
    client.force_login(cast.frontline)
    assert f"{complaint.reference} is logged" in client.get("/queue/").content.decode()


def test_words_and_a_phone_number_are_enough(cast, send):
    assert send().status_code == 302
    complaint = Complaint.objects.get()
    assert (complaint.severity, complaint.occurred_at, complaint.customer.name) == (Severity.NORMAL, None, "")


def test_another_site_gets_the_complaint_and_who_logged_it_still_sees_it(cast, send):
    send(site=str(cast.qujiang.pk))
    complaint = Complaint.objects.get()
    assert (complaint.site, complaint.team) == (cast.qujiang, cast.qujiang)
    assert list(Complaint.objects.visible_to(cast.frontline)) == [complaint]


def test_without_a_site_the_team_of_who_logs_it_gets_it(cast, send):
    send(site="")
    complaint = Complaint.objects.get()
    assert (complaint.site, complaint.team) == (None, cast.hexi)


@pytest.mark.parametrize("person", ["frontline", "handler", "supervisor", "director", "technician"])
def test_people_who_work_with_complaints_may_log_them(cast, send, person):
    assert send(getattr(cast, person), site="").status_code == 302


@pytest.mark.parametrize("person", ["auditor", "reviewer", "administrator"])
def test_others_may_not(cast, send, client, person):
    assert send(getattr(cast, person)).status_code == 403
    assert client.get(LOG).status_code == 403
    assert not Complaint.objects.exists()


def test_strangers_are_asked_to_sign_in(client, cast):
    assert client.post(LOG, {"channel": "phone"}).headers["Location"] == f"/account/login/?next={LOG}"
    answer = client.post(LOG, typed(cast))
    assert answer.status_code == 403
    assert 'href="/account/login/?next=%2Fcomplaints%2Fnew%2F"' in answer.content.decode()
    assert f"readonly>{NARRATIVE}</textarea>" in answer.content.decode()
    assert not Complaint.objects.exists()


def test_the_same_form_sent_twice_is_one_complaint(cast, send):
    key = str(uuid.uuid4())
    first, second = send(submission_key=key), send(submission_key=key)
    assert first.headers["Location"] == second.headers["Location"]
    assert Complaint.objects.get().narrative == NARRATIVE


def test_the_next_customers_complaint_in_a_form_that_came_back_is_kept_and_then_logged(cast, send):
    """After the browser's Back the page has its old key, and holds another story."""
    key, story = str(uuid.uuid4()), "The car wash scratched my door."
    send(submission_key=key)
    again = send(submission_key=key, narrative=story, phone="138 2222 3333", evidence=[photo("door.jpg")])
    assert again.status_code == 409
    assert "draft_accepted" not in again.cookies
    text = again.content.decode()
    first = Complaint.objects.get()
    assert first.narrative == NARRATIVE
    assert not first.evidence.exists()
    assert f"This form was already sent as {first.reference}." in text
    assert f"{story}</textarea>" in text
    assert "choose them again. door.jpg" in text
    renewed = str(again.context["form"]["submission_key"].value())
    assert renewed != key
    assert send(submission_key=renewed, narrative=story, phone="138 2222 3333").status_code == 302
    assert Complaint.objects.latest("pk").narrative == story


@pytest.mark.parametrize("changed", [{"phone": "138 0000 1111"}, {"danger": "on"}, {"place": "Pump 5"}])
def test_whatever_differs_makes_it_another_form(send, changed):
    key = str(uuid.uuid4())
    send(submission_key=key)
    assert send(submission_key=key, **changed).status_code == 409
    assert Complaint.objects.count() == 1


def test_another_file_makes_it_another_form(send):
    key = str(uuid.uuid4())
    send(submission_key=key, evidence=[photo()])
    assert send(submission_key=key, evidence=[photo(colour="blue")]).status_code == 409
    assert Evidence.objects.count() == 1


def test_the_same_form_sent_twice_keeps_a_file_once(cast, send):
    key = str(uuid.uuid4())
    for _time in range(2):
        send(submission_key=key, evidence=[photo()])
    assert Evidence.objects.count() == 1


def test_nobody_reaches_anothers_complaint_with_its_key(cast, send):
    key = str(uuid.uuid4())
    ours = send(submission_key=key)
    theirs = send(cast.stranger, submission_key=key, narrative="Something else", site="")
    assert ours.headers["Location"] != theirs.headers["Location"]
    assert Complaint.objects.count() == 2


@pytest.mark.parametrize(
    "reachable", [{"phone": "12315"}, {"email": "a@customer.example"}, {"wishes_no_contact": "on"}]
)
def test_one_way_to_answer_is_enough_or_the_wish_for_none(cast, send, reachable):
    assert send(**({"phone": ""} | reachable)).status_code == 302


def test_another_channel_is_named(cast, send):
    assert refusals(send(channel="other")) == {"other_channel": ["Choose which other way"]}
    assert send(channel="other", other_channel="letter").status_code == 302
    assert Complaint.objects.get().channel == Channel.LETTER


def test_files_are_kept_as_evidence_that_only_staff_sees(cast, send):
    send(evidence=[photo(), photo("same picture.jpg")])
    evidence = Evidence.objects.get()
    assert (evidence.label, evidence.uploaded_by, evidence.public) == ("pump.jpg", cast.frontline, False)
    assert ComplaintEvent.objects.filter(kind="evidence_added").count() == 1


def test_who_names_themselves_is_not_led_to_what_they_may_not_read(cast, send):
    response = send(named_people=[str(cast.frontline.pk)])
    assert response.headers["Location"] == "/queue/"


def test_looking_at_the_form_changes_nothing(cast, client, django_assert_num_queries):
    client.force_login(cast.frontline)
    with django_assert_num_queries(FORM_QUERIES):
        page = client.get(LOG).content.decode()
    client.head(LOG)
    assert not Complaint.objects.exists()
    assert f'<option value="{cast.hexi.pk}" selected>' in page, "the own site is chosen"
    assert 'enctype="multipart/form-data"' in page
    assert client.put(LOG).status_code == 405


def test_every_form_has_a_key_of_its_own(cast, client):
    client.force_login(cast.frontline)
    keys = {str(client.get(LOG).context["form"]["submission_key"].value()) for _time in range(2)}
    assert len(keys) == 2


def test_the_form_speaks_the_language_of_the_person_for_a_start(cast, client):
    cast.frontline.language = "zh-hans"
    cast.frontline.save(update_fields=["language"])
    client.force_login(cast.frontline)
    form = client.get(LOG).context["form"]
    assert form["language"].value() == "zh-hans"
    assert "河西路加油站" in str(form["site"])


def test_the_form_works_without_script(cast, client):
    """Every part is in the page and stands open: script only hides what is not needed."""
    client.force_login(cast.frontline)
    page = client.get(LOG).content.decode()
    for name in LogForm.base_fields:
        assert f'name="{name}"' in page
    assert "data-reveal-name" in page
    assert " hidden>" not in flat(page).split("data-reveal-name")[1].split("</div>")[0]
