"""What the form of a new complaint refuses: beside the field, in words, with everything kept."""

import io
import uuid
from datetime import UTC, datetime
from functools import partial
from unittest import mock

import pytest
import time_machine
from django.utils import timezone

from complaints.evidence import filestore
from complaints.models import Complaint
from tests.cases import NARRATIVE
from tests.complaints.intake.log_form import LOG, photo, refusals, sent


@pytest.fixture(autouse=True)
def _now(at):
    with time_machine.travel(at, tick=False):
        yield


@pytest.fixture
def send(client, cast):
    return partial(sent, client, cast)


@pytest.mark.parametrize("key", [None, "", "1", "../../etc", "x" * 500])
def test_a_form_without_its_key_is_refused_not_guessed(cast, send, key):
    assert "submission_key" in refusals(send(submission_key=key))


def test_an_empty_form_names_everything_at_once(cast, client):
    client.force_login(cast.frontline)
    response = client.post(LOG, {"submission_key": uuid.uuid4()})
    refused = refusals(response)
    assert refused == {
        "narrative": ["Write what the customer says"],
        "channel": ["Choose how it reached us"],
        "language": ["This field is required."],
        "phone": [
            "We need a phone number, an e-mail or a postal address to answer, or “does not want to be contacted”"
        ],
    }
    page = response.content.decode()
    assert "4 things to put right" in page
    assert 'href="#id_narrative"' in page
    assert 'aria-invalid="true"' in page


@pytest.mark.parametrize("narrative", ["", "   ", "​‍", "‮⁦", "\r\n\r\n", "　"])
def test_an_invisible_narrative_is_none(cast, send, narrative):
    assert refusals(send(narrative=narrative)) == {"narrative": ["Write what the customer says"]}


def test_a_narrative_that_is_too_long_is_told_how_long_it_is_and_kept(cast, send):
    response = send(narrative="泵" * 20_001)
    assert refusals(response) == {"narrative": ["At most 20000 characters (you wrote 20001)."]}
    assert "泵" * 20_001 in response.content.decode()


def test_the_longest_narrative_is_taken_with_its_line_ends(cast, send):
    lines = "x\r\n" * 9_999 + "xy"
    assert send(narrative=lines).status_code == 302
    assert len(Complaint.objects.get().narrative) == 20_000


@pytest.mark.parametrize("field", ["narrative", "name", "place", "desired_outcome", "phone", "call_hours"])
def test_nul_is_refused_beside_the_field(cast, send, field):
    refused = refusals(send(**{"email": "a@b.example", field: "a1\0b"}))
    assert refused == {field: ["There is a character in it that cannot be stored."]}


@pytest.mark.parametrize(
    ("field", "limit"), [("desired_outcome", 500), ("place", 200), ("name", 120), ("phone", 40), ("call_hours", 120)]
)
def test_lines_have_their_limits(cast, send, field, limit):
    longer = "1" * (limit + 1)
    assert refusals(send(**{field: longer})) == {field: [f"At most {limit} characters (you wrote {limit + 1})."]}


@pytest.mark.parametrize("moment", ["2026-11-18T10:01", "2026-11-19T07:40", "2099-12-31T23:59"])
def test_nothing_happened_in_the_future(cast, send, moment):
    response = send(occurred_at=moment)
    assert refusals(response)["occurred_at"][0].startswith("The date is in the future: ")
    assert moment in response.content.decode(), "what was typed is kept"


def test_the_future_begins_in_the_zone_of_the_person(cast, send):
    cast.frontline.time_zone = "Pacific/Auckland"
    cast.frontline.save(update_fields=["time_zone"])
    assert send(occurred_at="2026-11-18T15:00").status_code == 302
    assert Complaint.objects.get().occurred_at == timezone.now()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "1999-12-31T00:00", "9999-12-31T23:59"])
def test_a_slip_in_the_year_is_said(cast, send, moment):
    assert refusals(send(occurred_at=moment))["occurred_at"][0].startswith("Is the year right?")


def test_an_hour_that_autumn_repeats_is_offered_twice_and_logged_as_chosen(cast, send):
    cast.frontline.time_zone = "Europe/Berlin"
    cast.frontline.save(update_fields=["time_zone"])
    refused = send(occurred_at="2026-10-25T02:30")
    assert "came twice" in refusals(refused)["occurred_at"][0]
    assert 'name="occurred_at_offset"' in refused.content.decode()
    assert send(occurred_at="2026-10-25T02:30", occurred_at_offset="+01:00").status_code == 302
    assert Complaint.objects.get().occurred_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("moment", ["yesterday", "2026-02-30T10:00", "10:00", "0000-00-00T00:00", "9" * 99])
def test_a_date_that_is_none_is_said_and_kept(cast, send, moment):
    response = send(occurred_at=moment)
    assert refusals(response) == {"occurred_at": ["Write the day and the time, for example 2026-11-20 14:55."]}
    assert moment in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("site", "999999"),
        ("site", "abc"),
        ("channel", "import"),
        ("other_channel", "walk_in"),
        ("language", "fr"),
        ("title", "dr"),
        ("named_people", ["999999"]),
        ("named_people", ["x"]),
    ],
)
def test_a_choice_that_was_not_offered_is_refused(cast, send, field, value):
    assert list(refusals(send(**{field: value}))) == [field]


def test_regions_are_not_where_it_happened(cast, send):
    assert list(refusals(send(site=str(cast.west.pk)))) == ["site"]


def test_a_closed_site_is_not_offered(cast, send):
    cast.weiyang.active = False
    cast.weiyang.save()
    assert list(refusals(send(site=str(cast.weiyang.pk)))) == ["site"]


@pytest.mark.parametrize("email", ["nobody", "a@", "a b@c.example", "x" * 250 + "@c.example"])
def test_an_address_that_is_none_is_said_once(cast, send, email):
    assert list(refusals(send(email=email, phone=""))) == ["email"]


def test_a_phone_number_without_digits_is_said_once(cast, send):
    assert refusals(send(phone="ask at the counter")) == {"phone": ["There is no digit in this phone number."]}


def test_a_wrong_file_is_named_and_has_to_be_chosen_again(cast, send):
    fake = io.BytesIO(b"PK\x03\x04 not a photo")
    fake.name = "photo.jpg"
    response = send(evidence=[fake])
    assert "“photo.jpg” is not a photo" in refusals(response)["evidence"][0]
    page = response.content.decode()
    assert "choose them again" in page
    assert NARRATIVE in page


def test_good_files_have_to_be_chosen_again_too(cast, send):
    assert "choose them again" in send(narrative="", evidence=[photo()]).content.decode()
    assert "choose them again" not in send(narrative="").content.decode()


def test_a_full_disk_logs_nothing_and_loses_no_text(cast, send):
    with mock.patch.object(filestore, "write", side_effect=filestore.CouldNotStore):
        response = send(evidence=[photo()])
    assert response.status_code == 507
    assert not Complaint.objects.exists()
    page = response.content.decode()
    assert NARRATIVE in page
    assert "We could not store the file" in page
